//! Building images and pushing them: everything is looked at first, then built, then pushed. What is left to do is the domain's decision.

use std::collections::{BTreeMap, BTreeSet};

use backstay_adapters::aws::{Kept, Tags};
use backstay_adapters::context::{Context, context};
use backstay_adapters::docker::{Builder, Docker, DockerError, Source};
use backstay_domain::build::{Found, Next, Order, next};
use backstay_domain::{Digest, ImageTag, Repository, Version};

use super::project::Project;
use super::registries::{Home, Registry, homes, place};
use crate::failure::{Failure, ImagesFailure};

/// How far images are brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// To the engine of this machine.
    Build,
    /// To the registry.
    Push,
}

/// Whether what has not changed is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unchanged {
    /// It is used as it is.
    Reuse,
    /// It is built all the same.
    Rebuild,
}

/// What is asked for.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// The app.
    pub project: &'w Project,
    /// Whose images; all of them when nobody is named.
    pub users: &'w BTreeSet<String>,
    /// The version.
    pub version: &'w Version,
    /// The branch, where one is checked out.
    pub branch: Option<&'w str>,
    /// How far.
    pub goal: Goal,
    /// What becomes of what has not changed.
    pub unchanged: Unchanged,
}

/// What was done for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// It was built.
    Built,
    /// The engine had it already.
    Kept,
    /// The registry had it: it got tags.
    Tagged,
    /// Everything was there.
    Nothing,
}

/// An image as it is now.
#[derive(Clone, Debug)]
pub struct Done {
    /// What was ordered.
    pub order: Order,
    /// What docker calls its repository.
    pub address: String,
    /// What was done.
    pub did: Did,
    /// Its digest in the registry, once it is there.
    pub digest: Option<Digest>,
}

/// What happens, as it happens.
pub enum News<'n> {
    /// An image is built.
    Building(&'n Order, &'n Context),
    /// These folders of its context change by themselves.
    Restless(&'n Order, &'n [&'static str]),
    /// The engine said this.
    Said(&'n Order, &'n str),
    /// It need not be built.
    Unchanged(&'n Order),
    /// These references are pushed.
    Pushing(&'n Order, &'n [String]),
}

/// An order with all that is known of it.
struct Work<'h> {
    order: Order,
    context: Context,
    address: String,
    home: Option<&'h Home>,
    next: Next,
    kept: Option<Kept>,
}

/// Builds, and pushes if that is the goal.
///
/// # Errors
/// When anything of it fails: nothing is pushed before everything is built.
pub async fn images(
    wanted: &Wanted<'_>,
    tell: &mut dyn FnMut(News<'_>),
) -> Result<Vec<Done>, Failure> {
    let builds = &wanted.project.configured.builds;
    let orders = builds.orders(wanted.users, wanted.version, wanted.branch);
    let orders = orders.map_err(|invalid| {
        let hint = "shorten it in `[images] tags`, or name another --version";
        Failure::usage(invalid.to_string(), hint)
    })?;
    let mut docker = Docker::find(place()).await.map_err(ImagesFailure::from)?;
    let mut contexts = Vec::new();
    for order in &orders {
        docker.hide(order.recipe.secrets());
        let context = looked_at(wanted.project, order)?;
        can_build(order, &context, docker.builder())?;
        if !context.restless.is_empty() {
            tell(News::Restless(order, &context.restless));
        }
        contexts.push(context);
    }
    let homes = match wanted.goal {
        Goal::Build => BTreeMap::new(),
        Goal::Push => homes(wanted.project, &orders, &mut docker).await?,
    };
    let mut all = Vec::new();
    for (order, context) in orders.into_iter().zip(contexts) {
        let work = prepared(wanted, order, context, &homes, &docker).await?;
        match &work.next {
            Next::Build => {
                tell(News::Building(&work.order, &work.context));
                build(wanted, &work, &docker, tell).await?;
            }
            Next::Nothing(_) | Next::Tag(..) | Next::Keep(_) => {
                tell(News::Unchanged(&work.order));
            }
        }
        all.push(work);
    }
    let mut done = Vec::new();
    for work in all {
        let digest = match (&work.home, &work.next) {
            (None, _) => None,
            (Some(_), Next::Nothing(digest)) => Some(digest.clone()),
            (Some(home), next) => Some(push(wanted, &work, home, next, &docker, tell).await?),
        };
        done.push(Done {
            did: match work.next {
                Next::Build => Did::Built,
                Next::Keep(_) => Did::Kept,
                Next::Tag(..) => Did::Tagged,
                Next::Nothing(_) => Did::Nothing,
            },
            order: work.order,
            address: work.address,
            digest,
        });
    }
    Ok(done)
}

fn looked_at(project: &Project, order: &Order) -> Result<Context, Failure> {
    context(&project.directory, &order.recipe).map_err(|source| {
        let image = order.repository.to_string();
        ImagesFailure::Context { image, source }.into()
    })
}

/// What the engine's own builder does not know is refused before anything is built.
fn can_build(order: &Order, context: &Context, builder: Builder) -> Result<(), Failure> {
    let image = &order.repository;
    let install = "install docker buildx (Debian: docker-buildx, Docker's own packages: docker-buildx-plugin)";
    match (
        builder,
        order.recipe.platforms.as_slice(),
        &context.own_ignore,
    ) {
        (Builder::Buildx, _, _) | (Builder::Plain, [] | [_], None) => Ok(()),
        (Builder::Plain, [_, _, ..], _) => Err(ImagesFailure::refused(
            format!(
                "{image} is built for {}, and that takes docker buildx, which is not here",
                order.recipe.platforms.join(" and ")
            ),
            format!("{install}, or build for one platform"),
        )
        .into()),
        (Builder::Plain, [] | [_], Some(own)) => Err(ImagesFailure::refused(
            format!(
                "{image}: {} is read by BuildKit only, and docker buildx is not here",
                own.display()
            ),
            format!("{install}, or move it to `.dockerignore` in the context"),
        )
        .into()),
    }
}

async fn prepared<'h>(
    wanted: &Wanted<'_>,
    order: Order,
    context: Context,
    homes: &'h BTreeMap<Repository, Home>,
    docker: &Docker,
) -> Result<Work<'h>, Failure> {
    let home = homes.get(&order.repository);
    let address = home.map_or(order.repository.as_str(), |home| &home.address);
    let address = address.to_owned();
    let mut work = Work {
        order,
        context,
        address,
        home,
        next: Next::Build,
        kept: None,
    };
    if wanted.unchanged == Unchanged::Rebuild {
        return Ok(work);
    }
    let mut found = Found::default();
    if work.order.recipe.platforms.len() == 1 {
        let here = docker.made_of(&work.context.inputs).await;
        found.here = here.map_err(ImagesFailure::from)?;
    }
    if let Some(home) = home {
        look(&mut work, home, &mut found, docker).await?;
        home.takes(&work.order, &found)?;
    }
    work.next = next(&work.order.tags, &found);
    if let (Next::Keep(id), None) = (&work.next, home) {
        for reference in references(&work, &work.order.tags) {
            docker.tag(id, &reference).await.map_err(of(&work.order))?;
        }
    }
    Ok(work)
}

/// What the registry has.
async fn look(
    work: &mut Work<'_>,
    home: &Home,
    found: &mut Found,
    docker: &Docker,
) -> Result<(), Failure> {
    let inputs = work.context.inputs.tag();
    match &home.registry {
        Registry::Ecr {
            registry,
            account,
            name,
            ..
        } => {
            let mut tags = work.order.tags.clone();
            tags.push(inputs.clone());
            let tagged = registry.tagged(account.as_deref(), name, &tags).await;
            let mut tagged = tagged.map_err(Failure::port("the registry cannot be asked"))?;
            work.kept = tagged.remove(&inputs);
            found.there = work.kept.as_ref().map(|kept| kept.digest.clone());
            found.tags = tagged
                .into_iter()
                .map(|(tag, kept)| (tag, kept.digest))
                .collect();
        }
        Registry::Other => {
            let there = async |tag: &ImageTag| {
                let reference = format!("{}:{tag}", work.address);
                docker
                    .digest_there(&reference)
                    .await
                    .map_err(ImagesFailure::from)
            };
            found.there = there(&inputs).await?;
            if found.there.is_some() {
                for tag in &work.order.tags {
                    let digest = there(tag).await?;
                    found
                        .tags
                        .extend(digest.map(|digest| (tag.clone(), digest)));
                }
            }
        }
    }
    Ok(())
}

fn source<'s>(wanted: &'s Wanted<'_>, work: &'s Work<'_>) -> Source<'s> {
    Source {
        recipe: &work.order.recipe,
        inputs: &work.context.inputs,
        directory: &wanted.project.directory,
    }
}

async fn build(
    wanted: &Wanted<'_>,
    work: &Work<'_>,
    docker: &Docker,
    tell: &mut dyn FnMut(News<'_>),
) -> Result<(), Failure> {
    let order = &work.order;
    let names = references(work, &pushed_tags(wanted, work));
    let mut heard = |line: &str| tell(News::Said(order, line));
    let built = docker.build(source(wanted, work), &names, &mut heard).await;
    built.map_err(of(order))
}

async fn push(
    wanted: &Wanted<'_>,
    work: &Work<'_>,
    home: &Home,
    next: &Next,
    docker: &Docker,
    tell: &mut dyn FnMut(News<'_>),
) -> Result<Digest, Failure> {
    let order = &work.order;
    if let Next::Tag(digest, lacking) = next {
        let names = references(work, lacking);
        tell(News::Pushing(order, &names));
        return add_tags(work, home, (digest, lacking), docker).await;
    }
    let names = references(work, &pushed_tags(wanted, work));
    tell(News::Pushing(order, &names));
    let mut heard = |line: &str| tell(News::Said(order, line));
    if order.recipe.platforms.len() > 1 {
        let pushed = docker.build_and_push(source(wanted, work), &names, &mut heard);
        return pushed.await.map_err(of(order));
    }
    if let Next::Keep(id) = next {
        for name in &names {
            docker.tag(id, name).await.map_err(of(order))?;
        }
    }
    let mut digest = None;
    for name in &names {
        let pushed = docker.push(name, &mut heard).await.map_err(of(order))?;
        digest.get_or_insert(pushed);
    }
    digest.ok_or_else(|| Failure::defect("an image without a tag"))
}

/// The registry has it: nothing is built, and where it can be told, nothing is fetched.
async fn add_tags(
    work: &Work<'_>,
    home: &Home,
    (digest, lacking): (&Digest, &[ImageTag]),
    docker: &Docker,
) -> Result<Digest, Failure> {
    let order = &work.order;
    match (&home.registry, &work.kept) {
        (
            Registry::Ecr {
                registry,
                account,
                name,
                ..
            },
            Some(kept),
        ) => {
            for tag in lacking {
                let tagged = registry.tag(account.as_deref(), name, kept, tag).await;
                let what = format!("{}: the tag {tag} cannot be added", order.repository);
                tagged.map_err(Failure::port(what))?;
            }
            Ok(digest.clone())
        }
        (Registry::Ecr { .. } | Registry::Other, _) => {
            let there = format!("{}@{digest}", work.address);
            let names = references(work, lacking);
            if order.recipe.platforms.len() > 1 {
                let tagged = docker.tag_there(&there, &names).await;
                tagged.map_err(of(order))?;
                return Ok(digest.clone());
            }
            docker.pull(&there).await.map_err(of(order))?;
            let mut told = digest.clone();
            for name in &names {
                docker.tag(&there, name).await.map_err(of(order))?;
                told = docker.push(name, &mut |_| ()).await.map_err(of(order))?;
            }
            Ok(told)
        }
    }
}

/// The tags that are pushed. The one of the inputs is last: it says that the others are there. Where tags stay, an image that was
/// built once more cannot have it.
fn pushed_tags(wanted: &Wanted<'_>, work: &Work<'_>) -> Vec<ImageTag> {
    let mut tags = work.order.tags.clone();
    let stays = work.home.is_some_and(|home| match &home.registry {
        Registry::Ecr { tags, .. } => *tags == Tags::Stay,
        Registry::Other => false,
    });
    if work.home.is_some() && !(stays && wanted.unchanged == Unchanged::Rebuild) {
        tags.push(work.context.inputs.tag());
    }
    tags
}

fn references(work: &Work<'_>, tags: &[ImageTag]) -> Vec<String> {
    tags.iter()
        .map(|tag| format!("{}:{tag}", work.address))
        .collect()
}

fn of(order: &Order) -> impl Fn(DockerError) -> Failure {
    let image = order.repository.to_string();
    move |error| {
        let image = image.clone();
        ImagesFailure::Image { image, error }.into()
    }
}
