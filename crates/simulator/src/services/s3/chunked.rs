//! `aws-chunked` bodies: the chunks joined, their signatures ignored, the trailers returned.

use bytes::{Bytes, BytesMut};

/// A decoded body and its trailing headers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) body: Bytes,
    pub(super) trailers: Vec<(String, String)>,
}

/// `HEX[;chunk-signature=...]\r\n BYTES \r\n ... 0\r\n NAME:VALUE\r\n ... \r\n`; `None` when that is not what it is.
pub(super) fn decode(encoded: &Bytes) -> Option<Decoded> {
    let mut body = BytesMut::with_capacity(encoded.len());
    let mut at = 0;
    loop {
        let header = line(encoded, &mut at)?;
        let size = header.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            break;
        }
        let end = at.checked_add(size)?;
        body.extend_from_slice(encoded.get(at..end)?);
        at = end;
        if !encoded.get(at..)?.starts_with(b"\r\n") {
            return None;
        }
        at += 2;
    }
    let mut trailers = Vec::new();
    while let Some(trailer) = line(encoded, &mut at).filter(|trailer| !trailer.is_empty()) {
        let (name, value) = trailer.split_once(':')?;
        trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    Some(Decoded {
        body: body.freeze(),
        trailers,
    })
}

/// The text up to the next line end; moves `at` behind it. A last line may lack its end.
fn line<'a>(encoded: &'a Bytes, at: &mut usize) -> Option<&'a str> {
    let rest = encoded.get(*at..).filter(|rest| !rest.is_empty())?;
    let end = rest.windows(2).position(|pair| pair == b"\r\n");
    *at += end.map_or(rest.len(), |end| end + 2);
    std::str::from_utf8(&rest[..end.unwrap_or(rest.len())]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_returned() {
        let signed = "4;chunk-signature=ab\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        let decoded = decode(&Bytes::from_static(signed.as_bytes())).unwrap();
        assert_eq!(decoded.body, "Wikipedia");
        assert_eq!(
            decoded.trailers,
            [("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())]
        );
    }

    #[test]
    fn an_empty_body_and_a_broken_one() {
        assert_eq!(decode(&Bytes::from_static(b"0\r\n\r\n")).unwrap().body, "");
        for broken in [
            "",
            "xyz\r\n",
            "5\r\nab\r\n0\r\n\r\n",
            "2\r\nabcd\r\n0\r\n",
            "ffffffffffffffff\r\nx\r\n",
        ] {
            assert_eq!(
                decode(&Bytes::from_static(broken.as_bytes())),
                None,
                "{broken:?}"
            );
        }
    }
}
