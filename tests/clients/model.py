"""Holds a raw reply against botocore's own service model: no unknown member, no wrong type, no unknown enum value.

botocore's parsers are forgiving: they drop what they do not know. So the bytes are read once more, here, by the shapes.
"""

import base64
import json
import re
import xml.etree.ElementTree as ElementTree

import cbor2

# What the model requires and AWS leaves out where it is empty: LocalStack's `test_send_message_batch_*`, recorded on AWS [OBS].
LEFT_OUT = {
    f"{operation}BatchResult.{name}"
    for operation in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
    for name in ("Successful", "Failed")
}

ISO8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")


def problems_of(operation, status, headers, body):
    """What is wrong with a reply; `operation` is botocore's OperationModel."""
    if status >= 300:
        return _problems_of_error(operation, status, headers, body)
    shape = operation.output_shape
    if shape is None:
        return []
    protocol = operation.service_model.resolved_protocol
    if shape.serialization.get("payload"):
        return _problems_of_payload(shape, protocol, body)
    members = {name: member for name, member in shape.members.items() if "location" not in member.serialization}
    if not members:
        return []
    if protocol in ("json", "rest-json"):
        return list(_json(shape, json.loads(body or b"{}"), shape.name))
    if protocol == "smithy-rpc-v2-cbor":
        return list(_cbor(shape, cbor2.loads(body) if body else {}, shape.name))
    root = _root(body)
    if protocol == "query":
        wrapper = shape.serialization.get("resultWrapper")
        found = root.find(wrapper) if wrapper else root
        if found is None:
            return [f"{shape.name}: <{wrapper}> is missing in <{root.tag}>"]
        root = found
    return list(_xml(shape, root, shape.name))


def _problems_of_payload(shape, protocol, body):
    member = shape.members[shape.serialization["payload"]]
    if member.type_name != "structure" or not body:
        return []
    assert protocol == "rest-xml", protocol
    return list(_xml(member, _root(body), shape.name))


def _problems_of_error(operation, status, headers, body):
    protocol = operation.service_model.resolved_protocol
    if operation.name.startswith("Head") or not body:
        return []
    if protocol == "json":
        code = json.loads(body).get("__type", "").split("#")[-1]
    elif protocol == "rest-json":
        code = headers.get("x-amzn-errortype", "").split(":")[0]
    elif protocol == "smithy-rpc-v2-cbor":
        code = cbor2.loads(body).get("__type", "").split("#")[-1]
    else:
        root = _root(body)
        error = root if root.tag == "Error" else root.find("Error")
        code = error.findtext("Code") if error is not None else None
    if not code:
        return [f"{operation.name}: an error of {status} without a code: {body!r}"]
    return []


def error_is_modelled(operation, code):
    """Whether the model lists this error for the operation (S3 and the common errors are not listed anywhere)."""
    names = set()
    for shape in operation.error_shapes:
        names.update({shape.name, shape.metadata.get("error", {}).get("code", shape.name)})
    return code in names


def _root(body):
    root = ElementTree.fromstring(body)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _json(shape, value, path):
    kind = shape.type_name
    if value is None:
        yield f"{path}: null"
    elif kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no structure"
            return
        known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, inner in value.items():
            if name not in known:
                yield f"{path}: unknown member {name!r}"
            elif not (shape.is_document_type if hasattr(shape, "is_document_type") else False):
                yield from _json(known[name], inner, f"{path}.{name}")
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in value and f"{path}.{name}" not in LEFT_OUT:
                yield f"{path}: required member {name} is missing"
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        for place, inner in enumerate(value):
            yield from _json(shape.member, inner, f"{path}[{place}]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no map"
            return
        for name, inner in value.items():
            yield from _text(shape.key, name, f"{path} key")
            yield from _json(shape.value, inner, f"{path}[{name}]")
    elif kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{path}: {value!r} is no {kind}"
    elif kind in ("float", "double"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{path}: {value!r} is no {kind}"
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: {value!r} is no boolean"
    elif kind == "timestamp":
        text = shape.serialization.get("timestampFormat") == "iso8601"
        if isinstance(value, str) != text or isinstance(value, bool):
            yield f"{path}: {value!r} is no timestamp"
    elif kind == "blob":
        try:
            base64.b64decode(value, validate=True)
        except (TypeError, ValueError):
            yield f"{path}: {value!r} is no base64"
    else:
        yield from _text(shape, value, path)


def _cbor(shape, value, path):
    kind = shape.type_name
    if kind == "timestamp":
        if not hasattr(value, "year"):
            yield f"{path}: {value!r} is no tagged timestamp"
    elif kind == "blob":
        if not isinstance(value, bytes):
            yield f"{path}: {value!r} is no byte string"
    elif kind == "structure" and isinstance(value, dict):
        for name, inner in value.items():
            if name not in shape.members:
                yield f"{path}: unknown member {name!r}"
            else:
                yield from _cbor(shape.members[name], inner, f"{path}.{name}")
        for name in shape.required_members:
            if name not in value:
                yield f"{path}: required member {name} is missing"
    elif kind == "list" and isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _cbor(shape.member, inner, f"{path}[{place}]")
    elif kind == "map" and isinstance(value, dict):
        for name, inner in value.items():
            yield from _cbor(shape.value, inner, f"{path}[{name}]")
    else:
        yield from _json(shape, value, path)


def _xml(shape, element, path):
    kind = shape.type_name
    if kind == "structure":
        yield from _xml_structure(shape, element, path)
    elif kind == "list":
        name = shape.member.serialization.get("name", "member")
        for place, child in enumerate(element):
            if child.tag != name:
                yield f"{path}: <{child.tag}> where <{name}> is due"
            else:
                yield from _xml(shape.member, child, f"{path}[{place}]")
    elif kind == "map":
        for entry in element:
            yield from _xml_entry(shape, entry, path)
    else:
        if len(element):
            yield f"{path}: <{element.tag}> has elements but is a {kind}"
        yield from _xml_text(shape, element.text or "", path)


def _xml_structure(shape, element, path):
    known = {}
    for name, member in shape.members.items():
        flat = member.type_name == "list" and member.serialization.get("flattened")
        tag = member.serialization.get("name", name)
        if flat:
            tag = member.serialization.get("name", member.member.serialization.get("name", name))
        known[tag.rpartition(":")[2]] = (name, member, flat)
    seen = set()
    for child in element:
        if child.tag not in known:
            # Every reply of S3 and the query protocol may have it.
            if child.tag != "ResponseMetadata":
                yield f"{path}: unknown element <{child.tag}>"
            continue
        name, member, flat = known[child.tag]
        if name in seen and not flat and not member.serialization.get("flattened"):
            yield f"{path}: <{child.tag}> twice"
        seen.add(name)
        if flat:
            yield from _xml(member.member, child, f"{path}.{name}")
        elif member.type_name == "map" and member.serialization.get("flattened"):
            yield from _xml_entry(member, child, f"{path}.{name}")
        else:
            yield from _xml(member, child, f"{path}.{name}")
    for name in shape.required_members:
        member = shape.members[name]
        if "location" in member.serialization or member.serialization.get("xmlAttribute"):
            continue
        if name not in seen and member.type_name != "list":
            yield f"{path}: required element of {name} is missing"


def _xml_entry(shape, entry, path):
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    for child in entry:
        if child.tag == key_name:
            yield from _text(shape.key, child.text or "", f"{path} key")
        elif child.tag == value_name:
            yield from _xml(shape.value, child, f"{path}[…]")
        else:
            yield f"{path}: <{child.tag}> in an entry of a map"


def _xml_text(shape, text, path):
    kind = shape.type_name
    if kind in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", text):
            yield f"{path}: {text!r} is no {kind}"
    elif kind in ("float", "double"):
        try:
            float(text)
        except ValueError:
            yield f"{path}: {text!r} is no {kind}"
    elif kind == "boolean":
        if text not in ("true", "false"):
            yield f"{path}: {text!r} is no boolean"
    elif kind == "timestamp":
        if not ISO8601.match(text):
            yield f"{path}: {text!r} is no timestamp"
    elif kind == "blob":
        pass
    else:
        yield from _text(shape, text, path)


def _text(shape, value, path):
    if not isinstance(value, str):
        yield f"{path}: {value!r} is no string"
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
