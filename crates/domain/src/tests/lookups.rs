//! What is a secret, by its name or by how it looks.

use crate::lookup::{is_named_like_a_secret, looks_like_a_secret};

#[test]
fn names_of_secrets() {
    for name in [
        "PASSWORD",
        "DB_PASSWORD",
        "/shop/production/db-password",
        "github.token",
        "STRIPE_API_KEY",
        "tls_private_key",
        "dbPassword",
        "DBPassword",
        "dbpassword",
        "APIKey",
        "apikey",
        "DB_PASSWORD_2",
        "githubToken1",
    ] {
        assert!(is_named_like_a_secret(name), "{name}");
    }
    for name in [
        "HOST",
        "TOKEN_URL",
        "/shop/password-policy",
        "MONKEY",
        "tokenUrl",
        "secret_arn",
        "kms_key",
        "bypass",
        "",
        "SUBNETS",
        "keys",
    ] {
        assert!(!is_named_like_a_secret(name), "{name}");
    }
}

#[test]
fn values_that_nobody_should_see() {
    let jwt = ["eyJhbGciOiJub25lIn0", "e30", "x"].join(".");
    let url = ["postgres://shop:", "hunter2", "@db.test/shop"].concat();
    let key = ["AKIA", "ABCDEFGHIJKLMNOP"].concat();
    let pem = ["-----BEGIN ", "PRIVATE KEY-----\nMII"].concat();
    let token = ["ghp", "_0123456789"].concat();
    for value in [&jwt, &url, &key, &pem, &token] {
        assert!(looks_like_a_secret(value).is_some(), "{value}");
    }
    for value in [
        "subnet-0a1",
        "postgres://db.test/shop",
        "postgres://shop@db.test/shop",
        "https://shop.test/a:b@c",
        "AKIA",
        "",
    ] {
        assert_eq!(looks_like_a_secret(value), None, "{value}");
    }
}
