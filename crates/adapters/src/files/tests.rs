//! What a folder of files is taken for.

use super::*;

fn build(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = directory.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    directory
}

fn frontend(mutable: &[&str]) -> Frontend {
    Frontend {
        directory: "dist".to_owned(),
        bucket: "b".to_owned(),
        prefix: String::new(),
        distribution: None,
        url: None,
        mutable: mutable
            .iter()
            .map(|pattern| (*pattern).to_owned())
            .collect(),
        region: None,
        media_types: BTreeMap::new(),
    }
}

#[test]
fn a_build_is_listed_by_path_hash_type_and_kind() {
    let directory = build(&[
        ("index.html", "<html>"),
        ("assets/app-1.js", "1"),
        ("docs/index.html", "d"),
        ("a.txt", ""),
    ]);
    let manifest = manifest(directory.path(), &frontend(&["index.html", "*.txt"])).unwrap();
    let picture: Vec<String> = manifest
        .files
        .iter()
        .map(|(path, f)| format!("{path} {} {:?} {}", f.size, f.kind, f.content_type))
        .collect();
    assert_eq!(
        picture,
        [
            "a.txt 0 Mutable text/plain; charset=utf-8",
            "assets/app-1.js 1 Immutable text/javascript; charset=utf-8",
            "docs/index.html 1 Mutable text/html; charset=utf-8",
            "index.html 6 Mutable text/html; charset=utf-8",
        ]
    );
    assert_eq!(manifest.files["assets/app-1.js"].sha256, sha256_hex(b"1"));
}

#[test]
fn a_file_that_changed_since_is_not_read() {
    let directory = build(&[("a.js", "1")]);
    let manifest = manifest(directory.path(), &frontend(&[])).unwrap();
    assert_eq!(
        read(directory.path(), "a.js", &manifest.files["a.js"]).unwrap(),
        b"1"
    );
    fs::write(directory.path().join("a.js"), "2").unwrap();
    let error = read(directory.path(), "a.js", &manifest.files["a.js"]).unwrap_err();
    assert!(matches!(error, BuildError::Changed(_)));
}

#[test]
fn builds_that_cannot_be_published_are_refused() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        manifest(empty.path(), &frontend(&[])),
        Err(BuildError::Empty(_))
    ));
    assert!(matches!(
        manifest(&empty.path().join("nowhere"), &frontend(&[])),
        Err(BuildError::Unreadable { .. })
    ));
    let reserved = build(&[("_backstay/pointers/x", "")]);
    assert!(matches!(
        manifest(reserved.path(), &frontend(&[])),
        Err(BuildError::Name(_))
    ));
}

#[test]
fn names_in_other_case_and_empty_files_are_files_of_their_own() {
    let directory = build(&[("App.js", "1"), ("app.js", "1"), ("empty.css", "")]);
    let manifest = manifest(directory.path(), &frontend(&[])).unwrap();
    assert_eq!(manifest.files.len(), 3);
    assert_eq!(
        manifest.files["App.js"].sha256,
        manifest.files["app.js"].sha256
    );
    assert_eq!(manifest.files["empty.css"].sha256, sha256_hex(b""));
    assert_eq!(
        manifest.files["empty.css"].md5.as_deref(),
        Some("d41d8cd98f00b204e9800998ecf8427e")
    );
}

#[cfg(unix)]
fn link(to: impl AsRef<Path>, at: impl AsRef<Path>) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_build() {
    let inner = build(&[
        ("real.txt", "r"),
        ("v2/guide.html", "g"),
        ("v2/img/a.png", "p"),
    ]);
    link("real.txt", inner.path().join("link.txt"));
    link("v2", inner.path().join("latest"));
    link("../real.txt", inner.path().join("v2/up.txt"));
    let manifest = manifest(inner.path(), &frontend(&[])).unwrap();
    let paths: Vec<&str> = manifest.files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "latest/guide.html",
            "latest/img/a.png",
            "latest/up.txt",
            "link.txt",
            "real.txt",
            "v2/guide.html",
            "v2/img/a.png",
            "v2/up.txt",
        ]
    );
    let file = &manifest.files["latest/guide.html"];
    assert_eq!(read(inner.path(), "latest/guide.html", file).unwrap(), b"g");
}

#[cfg(unix)]
#[test]
fn links_that_cannot_be_followed_are_refused_for_what_they_are() {
    let refused = |make: &dyn Fn(&Path)| {
        let directory = build(&[("a/b/c.txt", "c")]);
        make(directory.path());
        let error = manifest(directory.path(), &frontend(&[])).unwrap_err();
        format!("{error}").replace(
            &directory
                .path()
                .canonicalize()
                .unwrap()
                .display()
                .to_string(),
            "…",
        )
    };
    let outside = build(&[("secret", "s")]);
    let to = outside.path().canonicalize().unwrap();
    assert_eq!(
        refused(&|root| link(to.join("secret"), root.join("leak.txt"))),
        format!(
            "…/leak.txt is a link that leads out of the build, to {}",
            to.join("secret").display()
        )
    );
    assert_eq!(
        refused(&|root| link(&to, root.join("leak"))),
        format!(
            "…/leak is a link that leads out of the build, to {}",
            to.display()
        )
    );
    assert_eq!(
        refused(&|root| link("nowhere", root.join("a/gone"))),
        "…/a/gone is a link to something that is not there"
    );
    for (to, at) in [("..", "a/b/up"), (".", "self"), ("../a", "a/again")] {
        assert_eq!(
            refused(&|root| link(to, root.join(at))),
            format!("…/{at} is a link to a folder that contains it")
        );
    }
    let twice = refused(&|root| {
        link("two", root.join("one"));
        link("one", root.join("two"));
    });
    assert!(
        twice.ends_with("is a link to a folder that contains it"),
        "{twice}"
    );
}

#[test]
fn compressed_variants_are_served_as_the_file_that_they_are() {
    let directory = tempfile::tempdir().unwrap();
    for path in [
        "index.html",
        "index.html.br",
        "app-1.js",
        "app-1.js.gz",
        "app-1.js.zst",
        "data.csv",
        "data.csv.gz",
        "alone.tar.gz",
        "br",
    ] {
        fs::write(directory.path().join(path), path).unwrap();
    }
    let mut site = frontend(&["index.html"]);
    site.media_types = [("*.csv.gz".to_owned(), "application/gzip".to_owned())].into();
    let manifest = manifest(directory.path(), &site).unwrap();
    let said = |path: &str| {
        let file = &manifest.files[path];
        let encoding = file.content_encoding.as_deref().unwrap_or("-");
        format!("{} {encoding} {:?}", file.content_type, file.kind)
    };
    assert_eq!(said("index.html.br"), "text/html; charset=utf-8 br Mutable");
    assert_eq!(
        said("app-1.js.gz"),
        "text/javascript; charset=utf-8 gzip Immutable"
    );
    assert_eq!(
        said("app-1.js.zst"),
        "text/javascript; charset=utf-8 zstd Immutable"
    );
    assert_eq!(
        said("app-1.js"),
        "text/javascript; charset=utf-8 - Immutable"
    );
    assert_eq!(
        said("data.csv.gz"),
        "application/gzip - Immutable",
        "it is said"
    );
    assert_eq!(said("alone.tar.gz"), "application/gzip - Immutable");
}
