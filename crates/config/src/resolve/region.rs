//! Region names: the forms that AWS's partitions have, and what was probably meant by another.

use backstay_aws_model::regions::{beginnings, regions};

use crate::suggest;

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

/// Of a partition that AWS's model of S3 does not name.
const SOVEREIGN: &str = "eusc-de-east-1";

/// Those that people mean.
fn known() -> Vec<&'static str> {
    regions().chain([SOVEREIGN]).collect()
}

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
        && beginnings().any(|known| known == beginning)
        && DIRECTIONS.contains(&direction)
}

/// What to write instead.
pub(super) fn help(name: &str) -> String {
    match suggest::nearest(name, &known()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "for example \"sa-east-1\"".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{help, is_region, known};

    #[test]
    fn names_of_regions() {
        for known in known()
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
