package main

// Quiet hours are in the called party's time, and the machine may have no time zones.
import _ "time/tzdata"
