//! Object Lock: retention and legal holds of versions, which keep them from being deleted ([DOC] Locking objects with Object Lock).

use http::StatusCode;
use s3s::dto::{
    DefaultRetention, GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectRetentionInput,
    GetObjectRetentionOutput, ObjectLockConfiguration, ObjectLockLegalHold,
    ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode,
    PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectRetentionInput,
    PutObjectRetentionOutput, Timestamp, TimestampFormat,
};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::custom::custom;
use super::door::At;
use super::find;
use super::read::timestamp;
use super::settings::{Setting, parsed};
use super::state::{Object, S3};
use super::versions::Found;
use crate::Millis;

const DAY_MS: Millis = 86_400_000;
/// A hundred years [DOC], with their leap days.
const MOST_DAYS: u64 = 36_525;

/// What keeps a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lock {
    pub(super) retention: Option<Retention>,
    pub(super) held: Held,
}

/// Until when, and whether somebody may take it away before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Retention {
    pub(super) mode: Mode,
    pub(super) until_ms: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Mode {
    /// Whoever may bypass it can delete all the same.
    Governance,
    /// Nobody can.
    Compliance,
}

/// Legal hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Held {
    #[default]
    Off,
    On,
}

impl Mode {
    fn named(name: &str) -> S3Result<Self> {
        match name {
            ObjectLockRetentionMode::GOVERNANCE => Ok(Self::Governance),
            ObjectLockRetentionMode::COMPLIANCE => Ok(Self::Compliance),
            _ => Err(find::malformed()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Governance => ObjectLockRetentionMode::GOVERNANCE,
            Self::Compliance => ObjectLockRetentionMode::COMPLIANCE,
        }
    }
}

impl Held {
    fn named(name: &str) -> S3Result<Self> {
        match name {
            ObjectLockLegalHoldStatus::ON => Ok(Self::On),
            ObjectLockLegalHoldStatus::OFF => Ok(Self::Off),
            _ => Err(find::malformed()),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::On => ObjectLockLegalHoldStatus::ON,
            Self::Off => ObjectLockLegalHoldStatus::OFF,
        }
    }
}

impl Lock {
    /// As reads say it.
    pub(super) fn mode(&self) -> Option<ObjectLockMode> {
        let mode = self.retention?.mode.name();
        Some(ObjectLockMode::from_static(mode))
    }

    pub(super) fn until(&self) -> Option<Timestamp> {
        Some(timestamp(self.retention?.until_ms))
    }

    /// Only where it was ever set.
    pub(super) fn hold(&self) -> Option<ObjectLockLegalHoldStatus> {
        (self.held == Held::On).then(|| ObjectLockLegalHoldStatus::from_static(self.held.name()))
    }

    fn keeps(&self, now_ms: Millis, bypass: Option<bool>) -> bool {
        let retained = self.retention.is_some_and(|retention| {
            let bypassed = retention.mode == Mode::Governance && bypass == Some(true);
            retention.until_ms > now_ms && !bypassed
        });
        self.held == Held::On || retained
    }
}

/// What a write asks for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) mode: Option<ObjectLockMode>,
    pub(super) until: Option<Timestamp>,
    pub(super) hold: Option<ObjectLockLegalHoldStatus>,
}

/// `asked!(input)`: what PutObject, CopyObject and CreateMultipartUpload have in common.
macro_rules! asked {
    ($input:ident) => {
        $crate::services::s3::lock::Asked {
            mode: $input.object_lock_mode.take(),
            until: $input.object_lock_retain_until_date.take(),
            hold: $input.object_lock_legal_hold_status.take(),
        }
    };
}
pub(super) use asked;

impl S3 {
    fn lock_configuration(&self, bucket: &str) -> Option<ObjectLockConfiguration> {
        let text = self.made.get(bucket)?.settings.get(&Setting::ObjectLock)?;
        parsed(text.as_bytes()).ok()
    }

    /// The lock of a new version: what was asked for, or what the bucket gives every one.
    /// Only where something is locked can it be bypassed (LocalStack's `test_delete_object_with_no_locking`, recorded on AWS [OBS]).
    pub(super) fn may_bypass(&self, bucket: &str, asked: Option<bool>) -> S3Result<()> {
        match asked {
            Some(_) if self.lock_configuration(bucket).is_none() => Err(s3_error!(
                InvalidArgument,
                "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets."
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn lock_of_new(&self, bucket: &str, asked: Asked, at: &At) -> S3Result<Lock> {
        let configuration = self.lock_configuration(bucket);
        let is_asked = asked.mode.is_some() || asked.until.is_some() || asked.hold.is_some();
        let Some(configuration) = configuration else {
            return match is_asked {
                true => Err(no_configuration()),
                false => Ok(Lock::default()),
            };
        };
        let retention = match (asked.mode, asked.until) {
            (Some(mode), Some(until)) => Some(Retention {
                mode: Mode::named(mode.as_str())?,
                until_ms: in_future(&until, at)?,
            }),
            (None, None) => {
                let rule = configuration.rule.and_then(|rule| rule.default_retention);
                rule.and_then(|rule| usual(&rule, at.now_ms))
            }
            _ => {
                return Err(s3_error!(
                    InvalidArgument,
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
                ));
            }
        };
        let held = match asked.hold {
            Some(hold) => Held::named(hold.as_str())?,
            None => Held::Off,
        };
        Ok(Lock { retention, held })
    }

    /// Whether a version may be deleted: AccessDenied for what is locked [DOC].
    pub(super) fn may_delete(
        &self,
        bucket: &str,
        key: &str,
        version: &str,
        bypass: Option<bool>,
        at: &At,
    ) -> S3Result<()> {
        let versions = self.versions(bucket, key);
        let found = versions.into_iter().find(|found| found.id() == version);
        match found {
            Some(Found::Object(object)) if object.lock.keeps(at.now_ms, bypass) => Err(protected()),
            _ => Ok(()),
        }
    }
}

/// Days or years from now; a year has 365 days [INF].
fn usual(rule: &DefaultRetention, now_ms: Millis) -> Option<Retention> {
    let days = rule
        .days
        .map(i64::from)
        .or_else(|| Some(i64::from(rule.years?) * 365))?;
    // One of a saved world may be longer than what is taken.
    let days = Millis::try_from(days).ok()?.min(MOST_DAYS);
    Some(Retention {
        mode: Mode::named(rule.mode.as_ref()?.as_str()).ok()?,
        until_ms: now_ms.saturating_add(days.saturating_mul(DAY_MS)),
    })
}

fn in_future(until: &Timestamp, at: &At) -> S3Result<Millis> {
    let until_ms = millis(until).ok_or_else(|| s3_error!(InvalidArgument))?;
    if until_ms > at.now_ms.saturating_add(MOST_DAYS * DAY_MS) {
        // The words [INF].
        return Err(s3_error!(
            InvalidArgument,
            "The retain until date must be within 100 years!"
        ));
    }
    if until_ms > at.now_ms {
        return Ok(until_ms);
    }
    Err(s3_error!(
        InvalidArgument,
        "The retain until date must be in the future!"
    ))
}

fn millis(at: &Timestamp) -> Option<Millis> {
    let mut text = Vec::new();
    at.format(TimestampFormat::DateTime, &mut text).ok()?;
    let text = String::from_utf8(text).ok()?;
    let format = aws_smithy_types::date_time::Format::DateTime;
    let time = aws_smithy_types::DateTime::from_str(&text, format).ok()?;
    Millis::try_from(time.to_millis().ok()?).ok()
}

fn no_configuration() -> S3Error {
    s3_error!(
        InvalidRequest,
        "Bucket is missing Object Lock Configuration"
    )
}

fn no_lock() -> S3Error {
    custom(
        "NoSuchObjectLockConfiguration",
        StatusCode::NOT_FOUND,
        "The specified object does not have a ObjectLock configuration",
    )
}

fn protected() -> S3Error {
    s3_error!(
        AccessDenied,
        "Access Denied because object protected by object lock."
    )
}

/// An object of a bucket with Object Lock.
fn locked<'a>(
    store: &'a mut S3,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> S3Result<&'a mut Object> {
    store.bucket(bucket)?;
    if store.lock_configuration(bucket).is_none() {
        return Err(no_configuration());
    }
    find::object_mut(store, bucket, key, version)
}

/// A retention becomes longer for everybody; shorter, weaker or none only by who may bypass one that is GOVERNANCE [DOC].
pub(super) fn put_retention(
    store: &mut S3,
    input: PutObjectRetentionInput,
    at: &At,
) -> S3Result<PutObjectRetentionOutput> {
    let object = locked(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let given = input.retention.unwrap_or_default();
    let until = given.retain_until_date;
    let wanted = match (given.mode, &until) {
        (Some(mode), Some(until)) => Some(Retention {
            mode: Mode::named(mode.as_str())?,
            until_ms: millis(until).ok_or_else(|| s3_error!(InvalidArgument))?,
        }),
        (None, None) => None,
        _ => {
            return Err(find::malformed());
        }
    };
    let now = object.lock.retention.filter(|now| now.until_ms > at.now_ms);
    let is_weaker = now.is_some_and(|now| {
        wanted.is_none_or(|wanted| {
            wanted.until_ms < now.until_ms
                || (now.mode == Mode::Compliance && wanted.mode != Mode::Compliance)
        })
    });
    let may_bypass = now.is_some_and(|now| now.mode == Mode::Governance)
        && input.bypass_governance_retention == Some(true);
    if is_weaker && !may_bypass {
        return Err(protected());
    }
    // Only then (LocalStack's `test_s3_object_retention_exc`, recorded on AWS [OBS]).
    if let Some(until) = &until {
        in_future(until, at)?;
    }
    object.lock.retention = wanted;
    Ok(PutObjectRetentionOutput::default())
}

pub(super) fn get_retention(
    store: &mut S3,
    input: GetObjectRetentionInput,
    _: &At,
) -> S3Result<GetObjectRetentionOutput> {
    let object = locked(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let retention = object.lock.retention.ok_or_else(no_lock)?;
    Ok(GetObjectRetentionOutput {
        retention: Some(ObjectLockRetention {
            mode: Some(ObjectLockRetentionMode::from_static(retention.mode.name())),
            retain_until_date: Some(timestamp(retention.until_ms)),
        }),
    })
}

pub(super) fn put_legal_hold(
    store: &mut S3,
    input: PutObjectLegalHoldInput,
    _: &At,
) -> S3Result<PutObjectLegalHoldOutput> {
    let object = locked(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let status = input.legal_hold.and_then(|hold| hold.status);
    let status = status.ok_or_else(|| s3_error!(MalformedXML))?;
    object.lock.held = Held::named(status.as_str())?;
    Ok(PutObjectLegalHoldOutput::default())
}

pub(super) fn get_legal_hold(
    store: &mut S3,
    input: GetObjectLegalHoldInput,
    _: &At,
) -> S3Result<GetObjectLegalHoldOutput> {
    let object = locked(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    if object.lock == Lock::default() {
        return Err(no_lock());
    }
    let status = ObjectLockLegalHoldStatus::from_static(object.lock.held.name());
    Ok(GetObjectLegalHoldOutput {
        legal_hold: Some(ObjectLockLegalHold {
            status: Some(status),
        }),
    })
}

/// What PutObjectLockConfiguration takes: a bucket that keeps versions [DOC], days or years.
pub(super) fn may_be_configured(store: &S3, bucket: &str, text: &str) -> S3Result<()> {
    if store.versioning(bucket) != super::buckets::Versioning::Enabled {
        return Err(custom(
            "InvalidBucketState",
            StatusCode::CONFLICT,
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        ));
    }
    let configuration: ObjectLockConfiguration = parsed(text.as_bytes())?;
    if configuration.object_lock_enabled.is_none() {
        return Err(find::malformed());
    }
    let rule = configuration.rule.and_then(|rule| rule.default_retention);
    match rule {
        None => Ok(()),
        Some(rule) if rule.mode.is_none() || rule.days.is_some() == rule.years.is_some() => {
            Err(find::malformed())
        }
        Some(_) => Ok(()),
    }
}
