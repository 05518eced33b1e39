//! The settings of a bucket that are stored and given back: their rows, what a bucket without them says, and how they are read.

use s3s::dto::{
    BucketLifecycleConfiguration, BucketLoggingStatus, ObjectLockConfiguration, OwnershipControls,
    PublicAccessBlockConfiguration, RequestPaymentConfiguration, ServerSideEncryptionConfiguration,
    Tagging, WebsiteConfiguration,
};
use s3s::xml::{Deserialize as FromXml, Deserializer, Serialize as ToXml, Serializer};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::find;
use super::policy;
use super::settings_checked;
use super::tagging;

/// The longest retention [DOC].
pub(super) const MOST_YEARS: i64 = 100;

/// A setting of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Setting {
    Accelerate,
    Acl,
    Cors,
    Encryption,
    Lifecycle,
    Logging,
    Notification,
    ObjectLock,
    OwnershipControls,
    Policy,
    PublicAccessBlock,
    Replication,
    RequestPayment,
    Tagging,
    /// The header of a lifecycle configuration.
    TransitionSize,
    Website,
}

/// What a bucket says that does not have a setting.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    /// An error with status 404.
    Error(&'static str, &'static str),
    /// Always a document.
    Document(&'static str),
    /// A document until the setting is deleted, then the error.
    DocumentAtFirst(&'static str, &'static str, &'static str),
}

/// One setting's calls.
pub(super) struct Row {
    pub(super) setting: Setting,
    /// The member of the query that names it.
    pub(super) query: &'static str,
    /// The rest of its operations' names, behind Get, Put and Delete.
    pub(super) name: &'static str,
    pub(super) deletable: Option<&'static str>,
    pub(super) put_status: u16,
    pub(super) absent: Absent,
    /// From what was sent to what is kept and given back.
    pub(super) read: fn(&[u8]) -> S3Result<String>,
}

/// The members of queries that name settings.
#[cfg(test)]
pub(crate) fn queries() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.query)
}

/// Codes and texts [DOC] error responses; what new buckets have [DOC] (since April 2023: ACLs disabled, public access blocked, AES256).
pub(super) const ROWS: [Row; 14] = [
    Row {
        absent: Absent::Error("NoSuchBucketPolicy", "The bucket policy does not exist"),
        put_status: 204,
        ..row(Setting::Policy, "policy", "BucketPolicy", policy::read)
    },
    Row {
        absent: Absent::DocumentAtFirst(
            PUBLIC_ACCESS_BLOCKED,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        ),
        ..row(
            Setting::PublicAccessBlock,
            "publicAccessBlock",
            "PublicAccessBlock",
            public_access_block,
        )
    },
    Row {
        absent: Absent::DocumentAtFirst(
            OWNER_ENFORCED,
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        ),
        ..row(
            Setting::OwnershipControls,
            "ownershipControls",
            "BucketOwnershipControls",
            echo::<OwnershipControls>,
        )
    },
    Row {
        absent: Absent::Document(AES256),
        ..row(
            Setting::Encryption,
            "encryption",
            "BucketEncryption",
            encryption,
        )
    },
    Row {
        absent: Absent::Error(
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        ),
        deletable: Some("DeleteBucketLifecycle"),
        ..row(
            Setting::Lifecycle,
            "lifecycle",
            "BucketLifecycleConfiguration",
            lifecycle,
        )
    },
    Row {
        absent: Absent::Error(
            "NoSuchCORSConfiguration",
            "The CORS configuration does not exist",
        ),
        ..row(Setting::Cors, "cors", "BucketCors", settings_checked::cors)
    },
    Row {
        absent: Absent::Error(
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        ..row(
            Setting::Website,
            "website",
            "BucketWebsite",
            echo::<WebsiteConfiguration>,
        )
    },
    Row {
        absent: Absent::Error("NoSuchTagSet", "The TagSet does not exist"),
        put_status: 204,
        ..row(Setting::Tagging, "tagging", "BucketTagging", bucket_tags)
    },
    Row {
        absent: Absent::Error(
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        ),
        ..row(
            Setting::Replication,
            "replication",
            "BucketReplication",
            settings_checked::replication,
        )
    },
    Row {
        absent: Absent::Error(
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        deletable: None,
        ..row(
            Setting::ObjectLock,
            "object-lock",
            "ObjectLockConfiguration",
            object_lock,
        )
    },
    Row {
        deletable: None,
        absent: Absent::Document("<BucketLoggingStatus></BucketLoggingStatus>"),
        ..row(
            Setting::Logging,
            "logging",
            "BucketLogging",
            echo::<BucketLoggingStatus>,
        )
    },
    Row {
        deletable: None,
        absent: Absent::Document("<NotificationConfiguration></NotificationConfiguration>"),
        ..row(
            Setting::Notification,
            "notification",
            "BucketNotificationConfiguration",
            settings_checked::notification,
        )
    },
    Row {
        deletable: None,
        absent: Absent::Document("<AccelerateConfiguration></AccelerateConfiguration>"),
        ..row(
            Setting::Accelerate,
            "accelerate",
            "BucketAccelerateConfiguration",
            settings_checked::accelerate,
        )
    },
    Row {
        deletable: None,
        absent: Absent::Document(
            "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
        ),
        ..row(
            Setting::RequestPayment,
            "requestPayment",
            "BucketRequestPayment",
            echo::<RequestPaymentConfiguration>,
        )
    },
];

const fn row(
    setting: Setting,
    query: &'static str,
    name: &'static str,
    read: fn(&[u8]) -> S3Result<String>,
) -> Row {
    Row {
        setting,
        query,
        name,
        deletable: Some(""),
        put_status: 200,
        absent: Absent::Document(""),
        read,
    }
}

const PUBLIC_ACCESS_BLOCKED: &str = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
    <IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy>\
    <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
const OWNER_ENFORCED: &str = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
const AES256: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
    <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled>\
    </Rule></ServerSideEncryptionConfiguration>";

impl Setting {
    pub(super) const OBJECT_LOCK_ENABLED: &'static str = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

    /// The controls that CreateBucket's header stands for.
    pub(super) fn ownership(ownership: &str) -> String {
        OWNER_ENFORCED.replace("BucketOwnerEnforced", ownership)
    }
}

/// XML of the AWS model; what the model does not know is refused.
pub(super) fn parsed<T: for<'xml> FromXml<'xml>>(body: &[u8]) -> S3Result<T> {
    let malformed = |_: s3s::xml::DeError| find::malformed();
    let mut deserializer = Deserializer::new(body);
    let value = T::deserialize(&mut deserializer).map_err(malformed)?;
    deserializer.expect_eof().map_err(malformed)?;
    Ok(value)
}

pub(super) fn written<T: ToXml>(value: &T) -> S3Result<String> {
    let mut xml = Vec::new();
    let broken = |_| s3_error!(InternalError);
    value
        .serialize(&mut Serializer::new(&mut xml))
        .map_err(broken)?;
    String::from_utf8(xml).map_err(|_| s3_error!(InternalError))
}

fn echo<T: ToXml + for<'xml> FromXml<'xml>>(body: &[u8]) -> S3Result<String> {
    written(&parsed::<T>(body)?)
}

/// No key twice, and none of AWS's own (moto's `test_put_bucket_tagging`, aws_verified [OBS]).
fn bucket_tags(body: &[u8]) -> S3Result<String> {
    let tags = parsed::<Tagging>(body)?;
    let all = tags.tag_set.iter().map(|tag| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (text(&tag.key), text(&tag.value))
    });
    let all: Vec<(String, String)> = all.collect();
    if let Some((key, _)) = all.iter().find(|(key, _)| key.starts_with("aws:")) {
        let words = "System tags cannot be added/updated by requester";
        return Err(tagging::invalid(words, key, None));
    }
    tagging::well_formed(&all)?;
    written(&tags)
}

/// What was not said is false [DOC].
fn public_access_block(body: &[u8]) -> S3Result<String> {
    let mut block = parsed::<PublicAccessBlockConfiguration>(body)?;
    for flag in [
        &mut block.block_public_acls,
        &mut block.ignore_public_acls,
        &mut block.block_public_policy,
        &mut block.restrict_public_buckets,
    ] {
        flag.get_or_insert(false);
    }
    written(&block)
}

/// A period is at least a day or a year, at most 36,500 days or 100 years: in words of its own, before the rest is read [MEM].
fn object_lock(body: &[u8]) -> S3Result<String> {
    let text = String::from_utf8_lossy(body);
    for (unit, most) in [("Days", MOST_YEARS * 365), ("Years", MOST_YEARS)] {
        let between = text.split_once(&format!("<{unit}>"));
        let given = between.and_then(|(_, rest)| rest.split_once('<'));
        let number = given.and_then(|(number, _)| number.trim().parse::<i64>().ok());
        if number.is_some_and(|number| number <= 0) {
            return Err(s3_error!(
                InvalidArgument,
                "Default retention period must be a positive integer value."
            ));
        }
        if number.is_some_and(|number| number > most) {
            return Err(s3_error!(
                InvalidArgument,
                "Default retention period too large."
            ));
        }
    }
    echo::<ObjectLockConfiguration>(body)
}

fn encryption(body: &[u8]) -> S3Result<String> {
    let mut encryption = parsed::<ServerSideEncryptionConfiguration>(body)?;
    for rule in &mut encryption.rules {
        rule.bucket_key_enabled.get_or_insert(false);
    }
    written(&encryption)
}

/// A rule without an id is given one [DOC].
fn lifecycle(body: &[u8]) -> S3Result<String> {
    let mut lifecycle = parsed::<BucketLifecycleConfiguration>(body)?;
    lifecycle
        .rules
        .iter()
        .try_for_each(settings_checked::lifecycle_rule)?;
    for (index, rule) in lifecycle.rules.iter_mut().enumerate() {
        settings_checked::give_id(&mut rule.id, "rule", index);
    }
    written(&lifecycle)
}
