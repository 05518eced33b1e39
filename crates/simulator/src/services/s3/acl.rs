//! Access control lists: the canned ones spelled out, stored and given back. Nobody is ever refused by them.

use crate::base::arn::global_arn;
use s3s::dto::{
    AccessControlPolicy, GetBucketAclInput, GetBucketAclOutput, GetObjectAclInput,
    GetObjectAclOutput, Grant, Grantee, Initiator, Owner, Permission, PutBucketAclInput,
    PutBucketAclOutput, PutObjectAclInput, PutObjectAclOutput, Type,
};
use s3s::{S3Result, s3_error};
use sha2::{Digest, Sha256};

use super::buckets::Made;
use super::door::At;
use super::find;
use super::settings::{Setting, parsed, written};
use super::state::{S3, hex};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// An account's canonical user: 64 hex digits, always the same.
pub(super) fn owner(account: &str) -> Owner {
    Owner {
        id: Some(hex(&Sha256::digest(account))),
        ..Owner::default()
    }
}

pub(super) fn initiator(at: &At) -> Initiator {
    Initiator {
        id: Some(global_arn("iam", &at.region, &at.account, "root")),
        ..Initiator::default()
    }
}

pub(super) fn get_bucket_acl(
    store: &mut S3,
    input: GetBucketAclInput,
    at: &At,
) -> S3Result<GetBucketAclOutput> {
    store.bucket(&input.bucket)?;
    let made = store.made.get(&input.bucket);
    let stored = made.and_then(|made| made.settings.get(&Setting::Acl));
    let policy = match stored {
        Some(xml) => parsed::<AccessControlPolicy>(xml.as_bytes())?,
        None => canned("private", &at.account)?,
    };
    Ok(GetBucketAclOutput {
        grants: policy.grants,
        owner: policy.owner,
    })
}

pub(super) fn put_bucket_acl(
    store: &mut S3,
    input: PutBucketAclInput,
    at: &At,
) -> S3Result<PutBucketAclOutput> {
    store.bucket(&input.bucket)?;
    let made = store.made.entry(input.bucket).or_default();
    match (input.acl, input.access_control_policy) {
        (Some(acl), _) => canned_bucket(made, acl.as_str(), &at.account)?,
        (None, Some(policy)) => {
            let private = canned("private", &at.account)?;
            if policy.grants != private.grants {
                may_have_acls(made)?;
            }
            made.settings.insert(Setting::Acl, written(&policy)?);
        }
        (None, None) => {
            return Err(s3_error!(
                NotImplemented,
                "the simulator takes ACLs as a canned one or as a document"
            ));
        }
    }
    Ok(PutBucketAclOutput::default())
}

/// Sets a bucket's canned ACL. While ACLs are disabled only `private` may be asked for [DOC].
pub(super) fn canned_bucket(made: &mut Made, name: &str, account: &str) -> S3Result<()> {
    if name != "private" {
        may_have_acls(made)?;
    }
    let policy = canned(name, account)?;
    made.settings.insert(Setting::Acl, written(&policy)?);
    Ok(())
}

/// BucketOwnerEnforced, which new buckets have, disables ACLs [DOC].
fn may_have_acls(made: &Made) -> S3Result<()> {
    let ownership = made.settings.get(&Setting::OwnershipControls);
    let removed = made.removed.contains(&Setting::OwnershipControls);
    let enabled = ownership.map_or(removed, |xml| !xml.contains("BucketOwnerEnforced"));
    if enabled {
        return Ok(());
    }
    Err(s3_error!(
        AccessControlListNotSupported,
        "The bucket does not allow ACLs"
    ))
}

pub(super) fn get_object_acl(
    store: &mut S3,
    input: GetObjectAclInput,
    at: &At,
) -> S3Result<GetObjectAclOutput> {
    find::object(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    let policy = canned("private", &at.account)?;
    Ok(GetObjectAclOutput {
        grants: policy.grants,
        owner: policy.owner,
        ..GetObjectAclOutput::default()
    })
}

/// Objects have the private ACL here; another one is refused as it is in a bucket with ACLs disabled.
pub(super) fn put_object_acl(
    store: &mut S3,
    input: PutObjectAclInput,
    _: &At,
) -> S3Result<PutObjectAclOutput> {
    if input.version_id.is_none() {
        find::not_a_marker(store, &input.bucket, &input.key)?;
    }
    find::object(
        store,
        &input.bucket,
        &input.key,
        input.version_id.as_deref(),
    )?;
    match input.acl.as_ref().map(|acl| acl.as_str()) {
        Some("private" | "bucket-owner-full-control") => Ok(PutObjectAclOutput::default()),
        _ => Err(s3_error!(
            AccessControlListNotSupported,
            "The bucket does not allow ACLs"
        )),
    }
}

fn canned(name: &str, account: &str) -> S3Result<AccessControlPolicy> {
    use Permission as P;
    let owner = owner(account);
    let group = |uri: &str, permission: &'static str| Grant {
        grantee: Some(grantee(Type::GROUP, None, Some(uri))),
        permission: Some(P::from_static(permission)),
    };
    let more = match name {
        "private" => Vec::new(),
        "public-read" => vec![group(ALL_USERS, P::READ)],
        "public-read-write" => vec![group(ALL_USERS, P::READ), group(ALL_USERS, P::WRITE)],
        "authenticated-read" => vec![group(AUTHENTICATED, P::READ)],
        "log-delivery-write" => {
            vec![
                group(LOG_DELIVERY, P::WRITE),
                group(LOG_DELIVERY, P::READ_ACP),
            ]
        }
        _ => return Err(s3_error!(InvalidArgument, "There is no such canned ACL")),
    };
    let own = Grant {
        grantee: Some(grantee(Type::CANONICAL_USER, owner.id.clone(), None)),
        permission: Some(P::from_static(P::FULL_CONTROL)),
    };
    Ok(AccessControlPolicy {
        grants: Some(std::iter::once(own).chain(more).collect()),
        owner: Some(owner),
    })
}

fn grantee(kind: &'static str, id: Option<String>, uri: Option<&str>) -> Grantee {
    Grantee {
        display_name: None,
        email_address: None,
        id,
        type_: Type::from_static(kind),
        uri: uri.map(str::to_owned),
    }
}
