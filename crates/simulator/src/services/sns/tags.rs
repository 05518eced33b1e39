//! Tags of topics.

use super::find::required;
use super::state::Topic;
use crate::wire::{Form, Xml};
use crate::{ApiError, World};

pub(super) fn tag(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["ResourceArn", "Tags"])?;
    let topic = tagged(world, form)?;
    let mut tags = topic.tags.clone();
    tags.extend(form.tags("Tags"));
    if tags.len() > 50 {
        return Err(ApiError::client(
            "TagLimitExceeded",
            "Could not complete request: tag quota of per resource exceeded",
        ));
    }
    topic.tags = tags;
    Ok(Xml::new())
}

pub(super) fn untag(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["ResourceArn", "TagKeys"])?;
    let keys = form.members("TagKeys");
    let topic = tagged(world, form)?;
    topic.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(Xml::new())
}

pub(super) fn list(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["ResourceArn"])?;
    let topic = tagged(world, form)?;
    let tags = topic.tags.iter();
    let listed = tags.map(|(key, value)| Xml::new().text("Key", key).text("Value", value));
    Ok(Xml::new().members("Tags", listed))
}

fn tagged<'a>(world: &'a mut World, form: &Form) -> Result<&'a mut Topic, ApiError> {
    let arn = required(form, "ResourceArn")?;
    world.sns.topics.get_mut(arn).ok_or_else(|| ApiError {
        code: "ResourceNotFound",
        message: "Resource does not exist".to_owned(),
        status: 404,
    })
}
