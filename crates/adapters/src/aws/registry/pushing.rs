//! What a push needs of ECR: a login, the repository's address, what its tags mean, and another tag for an image that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_config::{Region, SdkConfig};
use aws_sdk_ecr::types::{Image, ImageTagMutability};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::{Digest, ImageTag, Repository};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::images::{Name, Place};
use super::reference::Reference;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};

const TOKEN: &str = "ecr.GetAuthorizationToken";

/// Whose repository it is that a configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// ECR's, of this account and Region, or of the caller's.
    Ecr {
        /// The account.
        account: Option<String>,
        /// The Region.
        region: Option<String>,
        /// What it is called there.
        name: String,
    },
    /// Another registry's.
    Other {
        /// Its host.
        host: String,
    },
}

impl Owner {
    /// Whose a repository is.
    #[must_use]
    pub fn of(repository: &Repository) -> Self {
        let reference = Reference::parse(repository.as_str());
        match (reference.host, reference.ecr()) {
            (Some(host), None) => Self::Other {
                host: host.to_owned(),
            },
            (None, _) | (_, Some(_)) => {
                let place = reference.ecr();
                Self::Ecr {
                    account: place.map(|(account, _)| account.to_owned()),
                    region: place.map(|(_, region)| region.to_owned()),
                    name: reference.repository.to_owned(),
                }
            }
        }
    }
}

/// A login, which nothing shows.
pub struct Login {
    /// Who logs in.
    pub user: String,
    /// The password, good for hours.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

/// Whether a tag that is there can be given to another image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// It can.
    Move,
    /// It stays.
    Stay,
}

/// A repository that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// What docker calls it.
    pub address: String,
    /// What becomes of its tags.
    pub tags: Tags,
}

/// The registry of an account in a Region.
#[derive(Debug)]
pub struct EcrRegistry {
    cloud: AwsCloud<()>,
}

/// An image in a repository, in the registry's own words.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its content address.
    pub digest: Digest,
    image: Image,
}

impl EcrRegistry {
    /// The registry of the Region, or of the configuration's.
    #[must_use]
    pub fn new(config: &SdkConfig, region: Option<&str>) -> Self {
        let config = match region {
            Some(region) => {
                let region = Region::new(region.to_owned());
                config.clone().into_builder().region(region).build()
            }
            None => config.clone(),
        };
        Self {
            cloud: AwsCloud::new(&config, (), std::path::PathBuf::new()),
        }
    }

    #[cfg(test)]
    pub(in crate::aws) fn over(cloud: AwsCloud<()>) -> Self {
        Self { cloud }
    }

    /// A login for docker.
    ///
    /// # Errors
    /// When the registry gives none.
    pub async fn login(&self) -> Result<Login, PortFailure> {
        let sent = self.cloud.ecr.get_authorization_token().send().await;
        let reply = sent.map_err(|error| failure(TOKEN, Call::Read, &error))?;
        let token = reply
            .authorization_data()
            .iter()
            .find_map(|data| data.authorization_token());
        let decoded = token
            .and_then(|token| BASE64_STANDARD.decode(token).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let parts = decoded.as_deref().and_then(|text| text.split_once(':'));
        let (user, password) = parts.ok_or_else(|| {
            let message = "the answer has no token".to_owned();
            refusal(TOKEN, FailureKind::Unavailable, message)
        })?;
        Ok(Login {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }

    /// A repository; nothing when there is none.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn repository(
        &self,
        account: Option<&str>,
        name: &str,
    ) -> Result<Option<Described>, PortFailure> {
        const DESCRIBE: &str = "ecr.DescribeRepositories";
        let sent = self
            .cloud
            .ecr
            .describe_repositories()
            .set_registry_id(account.map(str::to_owned))
            .repository_names(name)
            .send()
            .await;
        let reply = match sent {
            Ok(reply) => reply,
            Err(error) if error.code() == Some("RepositoryNotFoundException") => return Ok(None),
            Err(error) => return Err(failure(DESCRIBE, Call::Read, &error)),
        };
        let found = reply.repositories().first();
        let address = found.and_then(|found| found.repository_uri());
        let address = address.ok_or_else(|| {
            let message = format!("the answer has no address of {name}");
            refusal(DESCRIBE, FailureKind::Unavailable, message)
        })?;
        let mutability = found.and_then(|found| found.image_tag_mutability());
        Ok(Some(Described {
            address: address.to_owned(),
            tags: match mutability {
                Some(ImageTagMutability::Immutable) => Tags::Stay,
                Some(_) | None => Tags::Move,
            },
        }))
    }

    /// What these tags mean; those that are not there are left out.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn tagged(
        &self,
        account: Option<&str>,
        repository: &str,
        tags: &[ImageTag],
    ) -> Result<BTreeMap<ImageTag, Kept>, PortFailure> {
        let names: BTreeSet<Name> = tags.iter().map(|tag| Name::Tag(tag.to_string())).collect();
        let place = Place {
            account,
            region: None,
            repository,
        };
        let found = self.cloud.images(place, &names).await?;
        let kept = found.images.into_iter().filter_map(|image| {
            let id = image.image_id()?;
            let tag = ImageTag::parse(id.image_tag()?).ok()?;
            let digest = Digest::parse(id.image_digest()?).ok()?;
            Some((tag, Kept { digest, image }))
        });
        Ok(kept.collect())
    }

    /// Gives an image that is there another tag. That it has it already is fine.
    ///
    /// # Errors
    /// When the registry does not do it.
    pub async fn tag(
        &self,
        account: Option<&str>,
        repository: &str,
        kept: &Kept,
        tag: &ImageTag,
    ) -> Result<(), PortFailure> {
        let sent = self
            .cloud
            .ecr
            .put_image()
            .set_registry_id(account.map(str::to_owned))
            .repository_name(repository)
            .set_image_manifest(kept.image.image_manifest().map(str::to_owned))
            .set_image_manifest_media_type(
                kept.image.image_manifest_media_type().map(str::to_owned),
            )
            .image_tag(tag.as_str())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ImageAlreadyExistsException") => Ok(()),
            Err(error) => Err(failure("ecr.PutImage", Call::Repeated, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_belongs_to_somebody() {
        let owner = |text: &str| Owner::of(&Repository::parse(text).unwrap());
        let ecr = |account: Option<&str>, region: Option<&str>| Owner::Ecr {
            account: account.map(str::to_owned),
            region: region.map(str::to_owned),
            name: "shop/api".to_owned(),
        };
        assert_eq!(owner("shop/api"), ecr(None, None));
        assert_eq!(
            owner("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api"),
            ecr(Some("123456789012"), Some("eu-west-1"))
        );
        for host in ["ghcr.io", "127.0.0.1:4577", "localhost"] {
            let host = host.to_owned();
            assert_eq!(owner(&format!("{host}/shop/api")), Owner::Other { host });
        }
    }

    #[test]
    fn a_login_is_not_shown() {
        let login = Login {
            user: "AWS".to_owned(),
            password: "hunter2".to_owned(),
        };
        assert_eq!(format!("{login:?}"), "Login { .. }");
    }
}
