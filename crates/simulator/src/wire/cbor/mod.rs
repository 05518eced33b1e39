//! CBOR (RFC 8949) as Smithy's RPC v2 uses it, to and from the JSON tree that services work on. No rules of AWS.
//!
//! Our own codec: no crate of the lock file has one, and what the protocol needs of CBOR is small.

mod decode;
mod encode;

pub(crate) use decode::decode;
pub(crate) use encode::encode;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{decode, encode};
    use crate::wire::instant;

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// Most rows are of RFC 8949, Appendix A.
    #[test]
    fn bytes_are_read() {
        for (bytes, expected) in [
            ("00", json!(0)),
            ("17", json!(23)),
            ("1818", json!(24)),
            ("1903e8", json!(1000)),
            ("1b000000e8d4a51000", json!(1_000_000_000_000_u64)),
            ("1bffffffffffffffff", json!(u64::MAX)),
            ("29", json!(-10)),
            ("3bffffffffffffffff", json!(-18_446_744_073_709_551_616.0)),
            ("f93c00", json!(1.0)),
            ("f90001", json!(5.960_464_477_539_063e-8)),
            ("f97bff", json!(65504.0)),
            ("fa47c35000", json!(100_000.0)),
            ("fbc010666666666666", json!(-4.1)),
            ("f97c00", json!("Infinity")),
            ("f97e00", json!("NaN")),
            ("fbfff0000000000000", json!("-Infinity")),
            ("f4", json!(false)),
            ("f5", json!(true)),
            ("f6", Value::Null),
            ("f7", Value::Null),
            ("c11a514b67b0", json!(1_363_896_240)),
            ("c1fb41d452d9ec200000", json!(1_363_896_240.5)),
            ("4401020304", json!("AQIDBA==")),
            ("5f42010243030405ff", json!("AQIDBAU=")),
            ("62c3bc", json!("\u{fc}")),
            ("7f657374726561646d696e67ff", json!("streaming")),
            ("8301820203820405", json!([1, [2, 3], [4, 5]])),
            ("9f01820203ff", json!([1, [2, 3]])),
            ("a26161016162820203", json!({ "a": 1, "b": [2, 3] })),
            ("bf61610161629f0203ffff", json!({ "a": 1, "b": [2, 3] })),
        ] {
            assert_eq!(decode(&hex(bytes)).unwrap(), expected, "{bytes}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (bytes, part) in [
            ("", "ends too early"),
            ("18", "ends too early"),
            ("9bffffffffffffffff", "ends too early"),
            ("5bffffffffffffffff", "ends too early"),
            ("bb7fffffffffffffff", "ends too early"),
            ("0000", "more than one item"),
            ("1c", "reserved"),
            ("f0", "simple value"),
            ("ff", "break"),
            ("a1ff", "keys"),
            ("a10102", "keys"),
            ("62c328", "UTF-8"),
            ("7f4101ff", "chunk"),
            ("c48221196ab3", "tag 4"),
        ] {
            let error = decode(&hex(bytes)).unwrap_err().to_string();
            assert!(error.contains(part), "{bytes}: {error}");
        }
        let deep = vec![0x81; 100_000];
        assert!(decode(&deep).unwrap_err().to_string().contains("deep"));
        let tagged = vec![0xc1; 100_000];
        assert!(decode(&tagged).unwrap_err().to_string().contains("deep"));
    }

    #[test]
    fn answers_are_written() {
        for (value, expected) in [
            (json!(10), "0a"),
            (json!(-500), "3901f3"),
            (json!(80.0), "fb4054000000000000"),
            (json!("IETF"), "6449455446"),
            (json!([1, true, null]), "8301f5f6"),
            (json!({ "a": "A" }), "a161616141"),
            (instant(1_363_896_240_500), "c1fb41d452d9ec200000"),
            (
                json!({ "at": [instant(0)] }),
                "a162617481c1fb0000000000000000",
            ),
        ] {
            assert_eq!(encode(&value), hex(expected), "{value}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1.0e300..1.0e300).prop_map(|double: f64| json!(double)),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{0,30}", inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(value in any_value()) {
            prop_assert_eq!(decode(&encode(&value)).unwrap(), value);
        }

        /// The property is that it comes back at all.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(value) = decode(&bytes) {
                prop_assert!(decode(&encode(&value)).is_ok());
            }
        }
    }
}
