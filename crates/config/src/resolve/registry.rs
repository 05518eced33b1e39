//! Whether an image's registry can be found by its name: its host is one that can be one.

/// What is wrong with the host of an image reference, and what to do about it. Without a host it is Docker Hub's, or ECR's.
pub(super) fn trouble(image: &str) -> Option<(String, String)> {
    let (host, _) = image.split_once('/')?;
    if !(host.contains(['.', ':']) || host == "localhost") {
        return None;
    }
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some((
            format!("`{host}` has no port that can be one"),
            "HOST:PORT, the port between 0 and 65535".to_owned(),
        ));
    }
    if !is_host_name(name) {
        return Some((
            format!("no registry can be called `{name}`"),
            "a host's name has parts of letters, digits and hyphens, between dots".to_owned(),
        ));
    }
    match name.split_once(".dkr.ecr.") {
        Some((account, rest)) => of_ecr(name, account, rest),
        None => None,
    }
}

/// RFC 1123: letters, digits and hyphens, none at the ends of a part; addresses are names of digits.
fn is_host_name(name: &str) -> bool {
    let is_part = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_part)
}

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, or `.com.cn`.
fn of_ecr(name: &str, account: &str, rest: &str) -> Option<(String, String)> {
    let region = rest
        .strip_suffix(".amazonaws.com")
        .or_else(|| rest.strip_suffix(".amazonaws.com.cn"));
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let help = match region {
        None => {
            "the host of a registry in ECR ends in .amazonaws.com, in China in .amazonaws.com.cn"
                .to_owned()
        }
        Some(_) if !is_account => format!("`{account}` is no account: it has 12 digits"),
        Some(region) if !super::region::is_region(region) => {
            format!(
                "`{region}` is not a region: {}",
                super::region::help(region)
            )
        }
        Some(_) => return None,
    };
    Some((format!("`{name}` is no registry of ECR"), help))
}

#[cfg(test)]
mod tests {
    use super::trouble;

    #[test]
    fn hosts() {
        for image in [
            "nginx:1",
            "acme/api",
            "ghcr.io/acme/api:v1",
            "localhost:5000/api",
            "10.0.0.1:5000/api",
            "public.ecr.aws/nginx/nginx",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api@sha256:ab",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/api",
        ] {
            assert_eq!(trouble(image), None, "{image}");
        }
        for (image, expected) in [
            (
                "registry..example/api",
                "no registry can be called `registry..example`",
            ),
            (
                "-registry.example/api",
                "no registry can be called `-registry.example`",
            ),
            (
                "my_registry.example/api",
                "no registry can be called `my_registry.example`",
            ),
            (
                "registry.example:http/api",
                "`registry.example:http` has no port that can be one",
            ),
            (
                "12345.dkr.ecr.eu-west-1.amazonaws.com/api",
                "`12345.dkr.ecr.eu-west-1.amazonaws.com` is no registry of ECR",
            ),
            (
                "123456789012.dkr.ecr.eu-wets-1.amazonaws.com/api",
                "`123456789012.dkr.ecr.eu-wets-1.amazonaws.com` is no registry of ECR",
            ),
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.con/api",
                "`123456789012.dkr.ecr.eu-west-1.amazonaws.con` is no registry of ECR",
            ),
        ] {
            assert_eq!(
                trouble(image).map(|(message, _)| message).as_deref(),
                Some(expected)
            );
        }
    }
}
