use super::*;

#[test]
fn decodes_and_encodes_to_the_same_bytes() {
    for (bytes, wanted) in [
        (&b""[..], ""),
        (b"abc", "abc"),
        (b"\xEF\xBB\xBFabc", "abc"),
        (b"\xEF\xBB\xBF\xEF\xBB\xBF", "\u{FEFF}"),
        (b"\xFF\xFEa\0\xE4\0", "aä"),
        (b"\xFE\xFF\xD8\x3D\xDE\x00", "😀"),
        (b"\xFF\xFEa", "ÿþa"),
        (b"\xFF\xFE\x00\xD8", "ÿþ\0Ø"),
        (b"caf\xE9", "café"),
        (b"\xEF\xBB\xBF\xE9", "ï»¿é"),
        (b"\xFF\xFE", ""),
        ("größe".as_bytes(), "größe"),
    ] {
        let (text, encoding) = decode(bytes);
        assert_eq!(text, wanted);
        assert_eq!(encoding.encode(text.into_owned()).unwrap(), bytes);
    }
}

#[test]
fn utf8_is_not_copied() {
    assert!(matches!(decode(b"abc").0, Cow::Borrowed(_)));
    let text = "abc".to_owned();
    let place = text.as_ptr();
    let bytes = decode(b"abc").1.encode(text).unwrap();
    assert_eq!(bytes.as_ptr(), place);
}

#[test]
fn refuses_what_a_single_byte_encoding_may_lack() {
    let (_, encoding) = decode(b"caf\xE9");
    for (text, offset) in [("ü", Some(0)), ("ab€", Some(2)), ("éabc", None), ("abc", None)] {
        let problem = offset.map(|offset| {
            Problem::new(offset, "the encoding of the file is not known to have this character")
                .hint("the file is neither UTF-8 nor UTF-16: convert it to UTF-8")
        });
        assert_eq!(encoding.encode(text.to_owned()).err(), problem, "{text}");
    }
}

#[test]
fn any_bytes_come_back() {
    let mut state = 7_u64;
    for round in 0..20_000 {
        let mut bytes: Vec<u8> = [&b""[..], &LITTLE_MARK, &BIG_MARK, UTF8_MARK][round % 4].to_vec();
        for _ in 0..round % 13 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            bytes.push(state.to_be_bytes()[0]);
        }
        let (text, encoding) = decode(&bytes);
        assert_eq!(encoding.encode(text.into_owned()).unwrap(), bytes);
    }
}
