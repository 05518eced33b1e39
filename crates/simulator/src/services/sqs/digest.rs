//! The digests by which clients check what a queue has taken and gives.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::crypto::{Checksum, Md5};
use serde_json::{Map, Value};

/// Of a body, in hex.
pub(super) fn of_body(body: &str) -> String {
    hex(&Md5::checksum(body.as_bytes()))
}

/// Of attributes, in the order of their names: name, type and value of each, with their lengths ([DOC] calculating the MD5 message
/// digest for message attributes). `None` of none.
pub(super) fn of_attributes(attributes: &Map<String, Value>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut names: Vec<&String> = attributes.keys().collect();
    names.sort();
    let mut bytes = Vec::new();
    for name in names {
        let attribute = &attributes[name];
        let text = |member: &str| attribute[member].as_str();
        counted(&mut bytes, name.as_bytes());
        counted(&mut bytes, text("DataType").unwrap_or_default().as_bytes());
        match text("BinaryValue") {
            Some(coded) => {
                bytes.push(2);
                counted(&mut bytes, &STANDARD.decode(coded).unwrap_or_default());
            }
            None => {
                bytes.push(1);
                counted(
                    &mut bytes,
                    text("StringValue").unwrap_or_default().as_bytes(),
                );
            }
        }
    }
    Some(hex(&Md5::checksum(&bytes)))
}

fn counted(bytes: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend(length.to_be_bytes());
    bytes.extend(part);
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
