//! The configuration that a blueprint stands for: one S3 origin and, for a single-page application, one custom error response
//! per error.

use crate::base::arn::dns_suffix;
use serde_json::{Value, json};

use super::defaults::filled;
use super::find::counted;
use super::finish::finished;
use super::state::Distribution;

pub(super) fn blueprint_config(distribution: &Distribution, region: &str) -> Value {
    let own_names = distribution.hosts.iter();
    let own_names = own_names.filter(|host| !host.ends_with(".cloudfront.net"));
    let aliases: Vec<Value> = own_names.map(|host| json!(host)).collect();
    let bucket = &distribution.bucket;
    let origin = json!({
        "Id": "bucket",
        "DomainName": format!("{bucket}.s3.{region}.{}", dns_suffix(region)),
        "OriginPath": distribution.origin_path,
        "S3OriginConfig": { "OriginAccessIdentity": "" },
    });
    let methods = || vec![json!("HEAD"), json!("GET")];
    let mut allowed = counted(methods());
    allowed["CachedMethods"] = counted(methods());
    let config = json!({
        "CallerReference": distribution.id,
        "ViewerCertificate": { "CloudFrontDefaultCertificate": aliases.is_empty() },
        "Aliases": counted(aliases),
        "DefaultRootObject": distribution.default_root_object,
        "Origins": counted(vec![origin]),
        "DefaultCacheBehavior": {
            "TargetOriginId": "bucket",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": allowed,
            "Compress": true,
            "ForwardedValues": { "QueryString": false, "Cookies": { "Forward": "none" } },
        },
        "CustomErrorResponses": counted(error_responses(distribution)),
        "Comment": "",
        "Enabled": true,
        "IsIPV6Enabled": true,
    });
    finished(filled("DistributionConfig", config))
}

fn error_responses(distribution: &Distribution) -> Vec<Value> {
    let Some(page) = &distribution.not_found_page else {
        return Vec::new();
    };
    let page = format!("/{}", page.trim_start_matches('/'));
    let response = |code: u16| {
        json!({
            "ErrorCode": code,
            "ResponsePagePath": page,
            "ResponseCode": "200",
            "ErrorCachingMinTTL": 10,
        })
    };
    [403, 404].map(response).to_vec()
}

#[cfg(test)]
mod tests {
    use backstay_aws_model::hold::faults;
    use backstay_aws_model::model;

    use super::*;

    #[test]
    fn a_blueprint_fits_the_shape_of_a_configuration() {
        let distribution = Distribution {
            bucket: "web".to_owned(),
            hosts: vec!["cat-house.example".to_owned()],
            not_found_page: Some("index.html".to_owned()),
            ..Distribution::new("E1", 0)
        };
        let config = blueprint_config(&distribution, "eu-west-1");
        let model = model("cloudfront").unwrap();
        let shape = model.shape_id("DistributionConfig").unwrap();
        assert_eq!(faults(model, shape, &config), Vec::<String>::new());
        assert_eq!(config["CustomErrorResponses"]["Quantity"], 2);
    }
}
