//! What a push needs of ECR.

use aws_sdk_ecr::operation::batch_get_image::BatchGetImageOutput;
use aws_sdk_ecr::operation::describe_repositories::DescribeRepositoriesOutput;
use aws_sdk_ecr::operation::get_authorization_token::GetAuthorizationTokenOutput;
use aws_sdk_ecr::operation::put_image::PutImageOutput;
use aws_sdk_ecr::types::{
    AuthorizationData, Image, ImageIdentifier, ImageTagMutability, Repository as Described,
};
use aws_smithy_mocks::mock;
use backstay_domain::ImageTag;
use backstay_domain::ports::FailureKind;

use super::*;
use crate::aws::{EcrRegistry, Tags};

fn registry(rules: &[&Rule]) -> EcrRegistry {
    EcrRegistry::over(AwsCloud {
        ecr: mocked!(aws_sdk_ecr, rules),
        ..AwsCloud::new(&config(), (), ".".into())
    })
}

fn tag(text: &str) -> ImageTag {
    ImageTag::parse(text).unwrap()
}

#[tokio::test]
async fn a_login_is_what_the_token_holds() {
    let given = |token: Option<&'static str>| {
        let data = AuthorizationData::builder().set_authorization_token(token.map(str::to_owned));
        GetAuthorizationTokenOutput::builder()
            .authorization_data(data.build())
            .build()
    };
    // AWS:pass:word
    let good = always!(
        aws_sdk_ecr,
        get_authorization_token,
        given(Some("QVdTOnBhc3M6d29yZA=="))
    );
    let login = registry(&[&good]).login().await.unwrap();
    assert_eq!(
        (login.user.as_str(), login.password.as_str()),
        ("AWS", "pass:word")
    );
    for bad in [None, Some("%"), Some("QVdT")] {
        let rule =
            mock!(aws_sdk_ecr::Client::get_authorization_token).then_output(move || given(bad));
        let failure = registry(&[&rule]).login().await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unavailable, "{bad:?}");
        assert_eq!(failure.operation, "ecr.GetAuthorizationToken");
    }
    let denied = refused!(
        aws_sdk_ecr,
        get_authorization_token,
        GetAuthorizationTokenError,
        "AccessDeniedException"
    );
    let failure = registry(&[&denied]).login().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
}

#[tokio::test]
async fn a_repository_says_where_it_is_and_whether_tags_move() {
    let rows = [
        (Some(ImageTagMutability::Immutable), Tags::Stay),
        // Some tags move there: their push says which.
        (Some(ImageTagMutability::ImmutableWithExclusion), Tags::Move),
        (Some(ImageTagMutability::Mutable), Tags::Move),
        (None, Tags::Move),
    ];
    for (mutability, expected) in rows {
        let rule = mock!(aws_sdk_ecr::Client::describe_repositories)
            .match_requests(|sent| {
                sent.registry_id() == Some("1") && sent.repository_names() == ["shop/api"]
            })
            .then_output(move || {
                let described = Described::builder()
                    .repository_uri("host/shop/api")
                    .set_image_tag_mutability(mutability.clone());
                DescribeRepositoriesOutput::builder()
                    .repositories(described.build())
                    .build()
            });
        let found = registry(&[&rule]).repository(Some("1"), "shop/api").await;
        let found = found.unwrap().unwrap();
        assert_eq!(found.address, "host/shop/api");
        assert_eq!(found.tags, expected);
    }
    let missing = refused!(
        aws_sdk_ecr,
        describe_repositories,
        DescribeRepositoriesError,
        "RepositoryNotFoundException"
    );
    let found = registry(&[&missing]).repository(None, "shop/api").await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn an_image_that_is_there_gets_another_tag_with_the_very_same_manifest() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let id = digest.clone();
    let images = mock!(aws_sdk_ecr::Client::batch_get_image).then_output(move || {
        let id = ImageIdentifier::builder()
            .image_tag("inputs-1")
            .image_digest(&id);
        let image = Image::builder()
            .image_id(id.build())
            .image_manifest("{ }")
            .image_manifest_media_type("type");
        BatchGetImageOutput::builder().images(image.build()).build()
    });
    let put = mock!(aws_sdk_ecr::Client::put_image)
        .match_requests(|sent| {
            sent.image_manifest() == Some("{ }")
                && sent.image_manifest_media_type() == Some("type")
                && sent.image_tag() == Some("latest")
        })
        .then_output(|| PutImageOutput::builder().build());
    let registry = registry(&[&images, &put]);
    let tags = [tag("inputs-1"), tag("latest")];
    let kept = registry.tagged(None, "shop/api", &tags).await.unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), [&tags[0]]);
    let kept = &kept[&tags[0]];
    assert_eq!(kept.digest.as_str(), digest);
    registry
        .tag(None, "shop/api", kept, &tags[1])
        .await
        .unwrap();
    assert_eq!(put.num_calls(), 1);
}

#[tokio::test]
async fn a_tag_that_it_has_already_is_fine_and_one_that_stays_is_not() {
    for (code, well) in [
        ("ImageAlreadyExistsException", true),
        ("ImageTagAlreadyExistsException", false),
    ] {
        let images = mock!(aws_sdk_ecr::Client::batch_get_image).then_output(|| {
            let id = ImageIdentifier::builder()
                .image_tag("a")
                .image_digest(format!("sha256:{}", "a".repeat(64)));
            let image = Image::builder().image_id(id.build()).image_manifest("{ }");
            BatchGetImageOutput::builder().images(image.build()).build()
        });
        let put = refused!(aws_sdk_ecr, put_image, PutImageError, code);
        let registry = registry(&[&images, &put]);
        let kept = registry.tagged(None, "r", &[tag("a")]).await.unwrap();
        let done = registry.tag(None, "r", &kept[&tag("a")], &tag("b")).await;
        assert_eq!(done.is_ok(), well, "{code}");
    }
}
