package agentphone

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// publicOnly returns a transport that opens connections to public addresses and
// to nothing else. The check sits in the dialer, behind name resolution, so that
// a name which resolves to something else the second time gains nothing. TLS
// settings are those of rt, if it is an *http.Transport.
func publicOnly(rt http.RoundTripper) http.RoundTripper {
	t, ok := rt.(*http.Transport)
	if !ok {
		t, ok = http.DefaultTransport.(*http.Transport)
	}
	if ok {
		t = t.Clone()
	} else { // someone replaced the default transport
		t = &http.Transport{TLSHandshakeTimeout: 10 * time.Second}
	}
	dialer := &net.Dialer{Timeout: 15 * time.Second, ControlContext: refuseNonPublic}
	t.Proxy = nil // a proxy would resolve and dial in our place
	t.DialContext = dialer.DialContext
	t.DialTLSContext = nil
	t.Dial = nil    //nolint:staticcheck // a clone may carry it, and it would win over the check
	t.DialTLS = nil //nolint:staticcheck // as above
	return t
}

// refuseNonPublic is a [net.Dialer] control: address is an IP and a port.
func refuseNonPublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAddressRefused, err)
	}
	if !isPublic(to.Addr()) {
		return fmt.Errorf("%w: it is not a public address", ErrAddressRefused)
	}
	return nil
}

// notPublic lists what the IANA special-purpose registries do not call globally
// reachable, with what netip's own predicates already cover left out, and the
// prefixes that only wrap another address.
var notPublic = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier-grade NAT
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, broadcast
	"64:ff9b:1::/48",  // local-use NAT64
	"100::/64",        // discard
	"100:0:0:1::/64",  // dummy prefix
	"2001::/23",       // protocol assignments, Teredo among them
	"2001:db8::/32",   // documentation
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // old site-local
	"::/96",           // unspecified, loopback, IPv4-compatible
	"::ffff:0:0:0/96", // IPv4-translated
)

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4  = netip.MustParsePrefix("2002::/16")
	globals = netip.MustParsePrefix("2000::/3")
)

// isPublic reports whether addr, or the IPv4 address that it stands for, is
// globally reachable unicast.
func isPublic(addr netip.Addr) bool {
	if addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if addr.Is6() {
		b := addr.As16()
		switch {
		case nat64.Contains(addr):
			return isPublic(netip.AddrFrom4([4]byte(b[12:])))
		case sixTo4.Contains(addr):
			return isPublic(netip.AddrFrom4([4]byte(b[2:6])))
		case !globals.Contains(addr):
			return false
		}
	}
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}
