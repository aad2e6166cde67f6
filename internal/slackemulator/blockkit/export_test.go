package blockkit

import "reflect"

// LimitRows gives the limits by the names of their rows.
func LimitRows() map[string]int {
	rows := map[string]int{}
	v := reflect.ValueOf(limits)
	for i := range v.NumField() {
		rows[v.Type().Field(i).Name] = int(v.Field(i).FieldByName("max").Int())
	}
	return rows
}

// LimitSources gives where Slack says so, by the names of the rows.
func LimitSources() map[string]string {
	rows := map[string]string{}
	v := reflect.ValueOf(limits)
	for i := range v.NumField() {
		rows[v.Type().Field(i).Name] = v.Field(i).FieldByName("source").String()
	}
	return rows
}
