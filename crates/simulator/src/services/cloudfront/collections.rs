//! Origin access controls and policies: alike in everything but their names.

use bytes::Bytes;
use http::{Method, Request, Response};
use serde::{Deserialize, Serialize};

use super::kind::{Collection, ROWS, Row};
use super::managed;
use super::reply::{document, empty, if_match, located, parameter, tagged};
use super::shape::normal;
use super::state::{CloudFront, id_text, version_text};
use super::tree::Element;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::{Xml, iso8601, page};
use crate::{ApiError, Millis};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entity {
    pub(super) config: Element,
    change: u64,
    modified_ms: Millis,
}

/// The operation that a path under a collection is.
pub(super) fn operation(method: &Method, path: &[&str]) -> Option<String> {
    let row = ROWS.iter().find(|row| Some(&row.path) == path.first())?;
    let name = row.name;
    Some(match (method, path.get(1..)?) {
        (&Method::POST, []) => format!("Create{name}"),
        (&Method::GET, []) => format!("List{}", row.plural),
        (&Method::GET, [_]) => format!("Get{name}"),
        (&Method::GET, [_, "config"]) => format!("Get{name}Config"),
        (&Method::PUT, [_] | [_, "config"]) => format!("Update{name}"),
        (&Method::DELETE, [_]) => format!("Delete{name}"),
        _ => return None,
    })
}

/// Serves a call under a collection's path; `None` when it is no collection.
pub(super) fn serve(
    here: &mut Here<'_, CloudFront>,
    path: &[&str],
    request: &Request<Bytes>,
) -> Option<Result<Response<Bytes>, ApiError>> {
    let row = ROWS.iter().find(|row| Some(&row.path) == path.first())?;
    Some(match (request.method(), path.get(1..)?) {
        (&Method::POST, []) => create(here, row, request.body()),
        (&Method::GET, []) => list(here, row, request),
        (&Method::GET, [id]) => found(here, row, id).map(|entity| {
            let body = described(row, id, &entity);
            tagged(document(200, row.name, &body), &etag(id, &entity))
        }),
        (&Method::GET, [id, "config"]) => found(here, row, id).map(|entity| {
            let root = format!("{}Config", row.name);
            let reply = document(200, &root, &entity.config.inner());
            tagged(reply, &etag(id, &entity))
        }),
        (&Method::PUT, [id] | [id, "config"]) => update(here, row, id, request),
        (&Method::DELETE, [id]) => delete(here, row, id, request),
        (method, _) => Err(not_implemented(&format!(
            "cloudfront.{method} {}",
            row.path
        ))),
    })
}

impl CloudFront {
    /// The configuration of one of them, managed ones included.
    pub(super) fn entity(&self, collection: Collection, id: &str) -> Option<Element> {
        let own = self.entities.get(&collection).and_then(|all| all.get(id));
        let own = own.map(|entity| entity.config.clone());
        own.or_else(|| {
            let mut managed = managed::all(collection);
            managed
                .find(|(other, _)| *other == id)
                .map(|(_, config)| config)
        })
    }
}

fn found(here: &Here<'_, CloudFront>, row: &Row, id: &str) -> Result<Entity, ApiError> {
    let own = here.own.entities.get(&row.collection);
    if let Some(entity) = own.and_then(|all| all.get(id)) {
        return Ok(entity.clone());
    }
    let config = here.own.entity(row.collection, id);
    let config = config.ok_or_else(|| ApiError {
        code: row.missing,
        message: format!(
            "The specified {} does not exist.",
            row.path.replace('-', " ")
        ),
        status: 404,
    })?;
    Ok(Entity {
        config,
        change: 0,
        modified_ms: 0,
    })
}

fn create(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    body: &[u8],
) -> Result<Response<Bytes>, ApiError> {
    let config = normal(Element::parse(body)?, row.shape)?;
    is_new(here, row, &config, None)?;
    let change = here.own.next_change();
    let id = match row.collection {
        Collection::OriginAccessControl => {
            format!("E{}", id_text(&format!("{}/{change}", here.account)))
        }
        _ => uuid(&format!("{}/{change}", here.account)),
    };
    let entity = Entity {
        config,
        change,
        modified_ms: here.now_ms,
    };
    let reply = document(201, row.name, &described(row, &id, &entity));
    let reply = located(
        tagged(reply, &etag(&id, &entity)),
        &format!("{}/{id}", row.path),
    );
    let all = here.own.entities.entry(row.collection).or_default();
    all.insert(id, entity);
    Ok(reply)
}

fn update(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    id: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let old = found(here, row, id)?;
    if old.change == 0 {
        let message = "The update contains modifications that are not allowed.";
        return Err(ApiError::client("IllegalUpdate", message));
    }
    if_match(request, &etag(id, &old))?;
    let config = normal(Element::parse(request.body())?, row.shape)?;
    is_new(here, row, &config, Some(id))?;
    let change = here.own.next_change();
    let entity = Entity {
        config,
        change,
        modified_ms: here.now_ms,
    };
    let reply = document(200, row.name, &described(row, id, &entity));
    let reply = tagged(reply, &etag(id, &entity));
    let all = here.own.entities.entry(row.collection).or_default();
    all.insert(id.to_owned(), entity);
    Ok(reply)
}

fn delete(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    id: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let old = found(here, row, id)?;
    if old.change == 0 {
        let message = "Deletion is not allowed for this entity.";
        return Err(ApiError::client("IllegalDelete", message));
    }
    if_match(request, &etag(id, &old))?;
    let member = format!("{}Id", row.name);
    let uses = |config: &Element| config.any(&|it| it.name == member && it.text == id);
    let mut configs = here
        .own
        .distributions
        .values()
        .filter_map(|it| it.config.as_ref());
    if configs.any(uses) {
        return Err(ApiError {
            code: row.in_use,
            message: format!(
                "Cannot delete the {} because it is in use by one or more distributions.",
                row.path.replace('-', " ")
            ),
            status: 409,
        });
    }
    if let Some(all) = here.own.entities.get_mut(&row.collection) {
        all.remove(id);
    }
    Ok(empty(204))
}

/// Names are unique among the custom ones.
fn is_new(
    here: &Here<'_, CloudFront>,
    row: &Row,
    config: &Element,
    except: Option<&str>,
) -> Result<(), ApiError> {
    let name = config.text_of("Name");
    let others = here.own.entities.get(&row.collection).into_iter().flatten();
    let taken = others
        .filter(|(id, _)| Some(id.as_str()) != except)
        .any(|(_, entity)| entity.config.text_of("Name") == name);
    if !taken {
        return Ok(());
    }
    Err(ApiError {
        code: row.exists,
        message: format!(
            "A {} with the same name already exists.",
            row.path.replace('-', " ")
        ),
        status: 409,
    })
}

fn described(row: &Row, id: &str, entity: &Entity) -> Xml {
    let xml = Xml::new().text("Id", id);
    let xml = match row.collection {
        Collection::OriginAccessControl => xml,
        _ => xml.text("LastModifiedTime", iso8601(entity.modified_ms)),
    };
    xml.nested(&format!("{}Config", row.name), &entity.config.inner())
}

/// Managed and custom ones, or those of the `Type` that is asked for.
fn list(
    here: &Here<'_, CloudFront>,
    row: &Row,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let is_control = row.collection == Collection::OriginAccessControl;
    let wanted = parameter(request, "Type");
    let wants = |kind: &str| wanted.as_deref().is_none_or(|wanted| wanted == kind);
    let mut all: Vec<(&str, String, Entity)> = Vec::new();
    if wants("managed") {
        let managed = managed::all(row.collection);
        all.extend(managed.map(|(id, config)| {
            let entity = Entity {
                config,
                change: 0,
                modified_ms: 0,
            };
            ("managed", id.to_owned(), entity)
        }));
    }
    if wants("custom") {
        let own = here.own.entities.get(&row.collection).into_iter().flatten();
        all.extend(own.map(|(id, entity)| ("custom", id.clone(), entity.clone())));
    }
    let size = parameter(request, "MaxItems").and_then(|size| size.parse().ok());
    let marker = parameter(request, "Marker").filter(|marker| !marker.is_empty());
    let (items, next) = page(&all, size, marker.as_deref(), 100)?;
    let xmls = items.iter().map(|(kind, id, entity)| {
        if is_control {
            return Xml::new()
                .text("Id", id)
                .then(&in_summary(&entity.config).inner());
        }
        Xml::new()
            .text("Type", kind)
            .nested(row.name, &described(row, id, entity))
    });
    let truncated = next.is_some();
    let xml = if is_control {
        Xml::new()
            .text("Marker", marker.unwrap_or_default())
            .maybe("NextMarker", next)
            .text("MaxItems", size.unwrap_or(100))
            .text("IsTruncated", truncated)
    } else {
        Xml::new()
            .maybe("NextMarker", next)
            .text("MaxItems", size.unwrap_or(100))
    };
    let xml =
        xml.text("Quantity", items.len())
            .list("Items", &format!("{}Summary", row.name), xmls);
    Ok(document(200, &format!("{}List", row.name), &xml))
}

/// OriginAccessControlSummary has the description first ([MODEL]).
fn in_summary(config: &Element) -> Element {
    let names = [
        "Description",
        "Name",
        "SigningProtocol",
        "SigningBehavior",
        "OriginAccessControlOriginType",
    ];
    let children = names.iter().filter_map(|name| config.child(name).cloned());
    Element {
        children: children.collect(),
        ..Element::default()
    }
}

fn etag(id: &str, entity: &Entity) -> String {
    version_text(id, entity.change)
}

/// Policies have ids like those of the managed ones.
fn uuid(of: &str) -> String {
    use sha2::{Digest, Sha256};
    let hex: String = Sha256::digest(of)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}
