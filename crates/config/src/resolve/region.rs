//! Region names: the forms that AWS's partitions have, and what was probably meant by another.

use crate::suggest;

/// How Regions begin, by partition [MODEL]: botocore's partitions.
const BEGINNINGS: [&str; 18] = [
    "af",
    "ap",
    "ca",
    "eu",
    "il",
    "me",
    "mx",
    "sa",
    "us",
    "cn",
    "us-gov",
    "us-iso",
    "us-isob",
    "us-isof",
    "eu-isoe",
    "eusc-de",
    "eu-sc",
    "us-northcom",
];

/// Where in their part of the world they are.
const DIRECTIONS: [&str; 9] = [
    "central",
    "east",
    "north",
    "northeast",
    "northwest",
    "south",
    "southeast",
    "southwest",
    "west",
];

/// Those that people mean.
const KNOWN: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether a Region can be called so. One that opens tomorrow can.
pub(super) fn is_region(name: &str) -> bool {
    let Some((rest, number)) = name.rsplit_once('-') else {
        return false;
    };
    let Some((beginning, direction)) = rest.rsplit_once('-') else {
        return false;
    };
    number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
        && BEGINNINGS.contains(&beginning)
        && DIRECTIONS.contains(&direction)
}

/// What to write instead.
pub(super) fn help(name: &str) -> String {
    match suggest::nearest(name, &KNOWN) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "for example \"sa-east-1\"".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, help, is_region};

    #[test]
    fn names_of_regions() {
        for known in KNOWN
            .into_iter()
            .chain(["us-iso-east-1", "eu-isoe-west-1", "mx-west-2"])
        {
            assert!(is_region(known), "{known}");
        }
        for (name, said) in [
            ("eu-wets-1", "did you mean `eu-west-1`?"),
            ("eu-west", "did you mean `eu-west-1`?"),
            ("eu-west-1a", "did you mean `eu-west-1`?"),
            ("us-east1", "did you mean `us-east-1`?"),
            ("Ireland", "for example \"sa-east-1\""),
            ("", "for example \"sa-east-1\""),
        ] {
            assert!(!is_region(name), "{name}");
            assert_eq!(help(name), said, "{name}");
        }
    }
}
