use super::*;
use crate::address::address_allowed;

#[test]
fn instances_are_found_by_name_rest_address_and_dashboard() {
    for instance in INSTANCES {
        let endpoint = Endpoint::parse(&instance.name.to_lowercase()).unwrap();
        assert_eq!(endpoint.base(), instance.rest);
        assert_eq!(endpoint.host(), HostKind::Braze);
        assert_eq!(endpoint.instance(), Some(instance));
        assert_eq!(
            Endpoint::parse(&format!("{}/", instance.rest)).unwrap(),
            endpoint
        );
        assert_eq!(
            Endpoint::parse(&format!(
                "https://{}/engagement/campaigns?x=1",
                instance.dashboard
            ))
            .unwrap(),
            endpoint
        );
    }
    assert_eq!(INSTANCES.len(), 15);
    assert_eq!(
        Endpoint::parse(" US-10 ").unwrap().url("/users/track"),
        "https://rest.us-10.braze.com/users/track"
    );
}

#[test]
fn addresses_are_normalised() {
    for (text, base, host) in [
        (
            "rest.iad-01.braze.com",
            "https://rest.iad-01.braze.com",
            HostKind::Braze,
        ),
        (
            "HTTPS://REST.IAD-01.BRAZE.COM:443//",
            "https://rest.iad-01.braze.com",
            HostKind::Braze,
        ),
        (
            "https://rest.us-11.braze.com",
            "https://rest.us-11.braze.com",
            HostKind::Braze,
        ),
        (
            "https://rest.iad-01.braze.com:8443",
            "https://rest.iad-01.braze.com:8443",
            HostKind::Name,
        ),
        (
            "https://gateway.example/braze/",
            "https://gateway.example/braze",
            HostKind::Name,
        ),
        (
            "http://localhost:8090/",
            "http://localhost:8090",
            HostKind::Name,
        ),
        (
            "http://127.0.0.1:8090",
            "http://127.0.0.1:8090",
            HostKind::Address([127, 0, 0, 1].into()),
        ),
        (
            "http://[::1]:8090",
            "http://[::1]:8090",
            HostKind::Address([0, 0, 0, 0, 0, 0, 0, 1].into()),
        ),
        (
            "https://rest.iad-01.braze.com.evil.example",
            "https://rest.iad-01.braze.com.evil.example",
            HostKind::Name,
        ),
        (
            "https://evilbraze.com",
            "https://evilbraze.com",
            HostKind::Name,
        ),
    ] {
        let endpoint = Endpoint::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((endpoint.base(), endpoint.host()), (base, host), "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_a_remedy() {
    for (text, part) in [
        ("", "instance name"),
        ("US-09", "US-08, US-10"),
        ("US-1", "There is no Braze instance “US-1”"),
        ("not an address", "begins with https://"),
        ("ftp://rest.iad-01.braze.com", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://rest.iad-01.braze.com.", "begins with https://"),
        ("https://[fe80::1%25eth0]/", "begins with https://"),
        ("http://rest.iad-01.braze.com", "Use https://"),
        ("http://10.0.0.1", "Use https://"),
        ("http://localhost.evil.example", "Use https://"),
        ("https://key@rest.iad-01.braze.com", "before the @"),
        ("https://rest.iad-01.braze.com@127.0.0.1/", "before the @"),
        (
            "https://rest.iad-01.braze.com?api_key=x",
            "Enter only the beginning",
        ),
        (
            "https://rest.iad-01.braze.com/users/track",
            "the path “/users/track”",
        ),
        (
            "https://gateway.example/users/track/",
            "the path “/users/track”",
        ),
        ("https://sdk.iad-01.braze.com", "SDK's address"),
        ("https://www.braze.com", "not a REST address"),
        ("https://rest.a.b.braze.com", "not a REST address"),
        ("https://rest.iad-10.braze.com", "not a REST address"),
    ] {
        let error = Endpoint::parse(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn plain_http_elsewhere_takes_an_explicit_decision() {
    assert!(Endpoint::parse_with("http://sandbox.test:8090", PlainHttp::Anywhere).is_ok());
    assert!(Endpoint::parse("http://sandbox.test:8090").is_err());
}

/// Every spelling of an inner address is either no endpoint, or seen as the address that it is.
#[test]
fn disguised_inner_addresses_are_recognised() {
    for spelling in [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0177.0x0.0.1",
        "127.000.000.001",
        "0",
        "0.0.0.0",
        "0x0",
        "00",
        "10.0.0.1",
        "0xa.0.0.1",
        "012.0.0.1",
        "167772161",
        "172.16.0.1",
        "0xac100001",
        "192.168.0.1",
        "192.168.1",
        "3232235521",
        "0300.0250.0.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "100.64.0.1",
        "1681915905",
        "224.0.0.1",
        "255.255.255.255",
        "4294967295",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::ffff:0:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:7f00:1::]",
        "[2002:a9fe:a9fe::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:0:1::]",
        "[2001:db8::1]",
        "[fe80::1%25lo]",
        "１２７.０.０.１",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "127%2e0%2e0%2e1",
        "256.0.0.1",
        "0x7f.0.0.0x100",
        "[::1",
    ] {
        match Endpoint::parse(&format!("https://{spelling}/")) {
            Err(_) => {}
            Ok(endpoint) => match endpoint.host() {
                HostKind::Address(address) => assert!(
                    address_allowed(address).is_err(),
                    "{spelling} became {address}"
                ),
                other => panic!("{spelling} became {other:?}"),
            },
        }
    }
}
