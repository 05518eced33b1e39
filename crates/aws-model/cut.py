"""Cuts AWS's own models, as botocore ships them, to what is served here: `models/SERVICE.json.z`.

    python3 crates/aws-model/cut.py [--botocore DIR] [--check]

Every operation keeps its name, so that "unknown to AWS" and "known to AWS, not to us" differ; those of `served.txt` keep their
shapes, closed over what they name. Of a REST service every operation keeps where it is asked for. Texts of documentation, examples, endpoints and errors are left out. `--check` writes nothing
and says what is not current. Needs botocore at VERSION, and nothing else.
"""

import argparse
import gzip
import importlib.util
import json
import pathlib
import re
import sys
import zlib

ROOM = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = ROOM.parents[1] / "tests/clients/requirements.txt"
#: The same that the clients are tested with.
VERSION = re.search(r"^botocore==(.+)$", REQUIREMENTS.read_text(), re.MULTILINE).group(1)

#: What of a shape, and of what names one, the interpreter reads.
SHAPE = ("type", "required", "enum", "min", "max", "pattern", "sensitive", "flattened", "timestampFormat", "payload", "document")
NAMING = ("shape", "locationName", "location", "flattened", "timestampFormat", "xmlAttribute", "jsonvalue")


def kept(written, names):
    """The members of `written` that are read, and say something."""
    return {name: written[name] for name in names if written.get(name) not in (None, False, [])}


def cut_shape(written):
    """A shape without its texts, and the names of those it is made of."""
    shape, named = kept(written, SHAPE), []
    for part in ("member", "key", "value"):
        if part in written and written["type"] in ("list", "map"):
            shape[part] = kept(written[part], NAMING)
            named.append(written[part]["shape"])
    if written["type"] == "structure":
        shape["members"] = {name: kept(member, NAMING) for name, member in written["members"].items()}
        named += [member["shape"] for member in written["members"].values()]
    return shape, named


def cut_model(model, served):
    """What is read of a service, and what `served` names without AWS knowing it."""
    operations, wanted = {}, []
    for name, written in sorted(model["operations"].items()):
        operations[name] = None
        if name not in served:
            continue
        operations[name] = {part: written[part]["shape"] for part in ("input", "output") if part in written}
        wrapper = written.get("output", {}).get("resultWrapper")
        if wrapper:
            operations[name]["wrapper"] = wrapper
        wanted += [written[part]["shape"] for part in ("input", "output") if part in written]
    routes = {}
    # The requests of S3 are read by a library.
    if model["metadata"]["protocol"] in ("rest-xml", "rest-json") and model["metadata"]["endpointPrefix"] != "s3":
        for name, written in sorted(model["operations"].items()):
            http = written["http"]
            status = [http["responseCode"]] if http.get("responseCode", 200) != 200 else []
            routes[name] = [http["method"], http["requestUri"], *status]
    shapes = {}
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name], named = cut_shape(model["shapes"][name])
            wanted += named
    cut = {"botocore": VERSION, "operations": operations, "shapes": dict(sorted(shapes.items()))}
    if routes:
        cut["routes"] = routes
    return cut, sorted(set(served) - set(operations))


def found_botocore():
    """Where botocore lies for this Python."""
    found = importlib.util.find_spec("botocore")
    if found is None:
        sys.exit(f"botocore {VERSION} is not installed here: pip install botocore=={VERSION}, or name it with --botocore")
    return pathlib.Path(found.origin).parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--botocore", type=pathlib.Path, help="the folder of the package")
    arguments.add_argument("--check", action="store_true", help="write nothing, say what is not current")
    asked = arguments.parse_args()
    botocore = asked.botocore or found_botocore()
    version = re.search(r"__version__ = '(.+)'", (botocore / "__init__.py").read_text()).group(1)
    if version != VERSION:
        sys.exit(f"botocore is {version}, and {REQUIREMENTS.name} names {VERSION}")
    wrong = []
    for line in (ROOM / "served.txt").read_text().splitlines():
        service, _, served = line.partition(": ")
        newest = max((botocore / "data" / service).iterdir())
        model = json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))
        cut, unknown = cut_model(model, served.split())
        wrong += [f"{service}: AWS has no operation {name}" for name in unknown]
        text = json.dumps(cut, separators=(",", ":"), ensure_ascii=False).encode()
        table = ROOM / "models" / f"{service}.json.z"
        # Compressed bytes may differ between versions of zlib; what they say may not.
        current = table.exists() and zlib.decompress(table.read_bytes()) == text
        if asked.check and not current:
            wrong.append(f"{service}: models/{table.name} is not what botocore {VERSION} and served.txt make")
        elif not asked.check and not current:
            table.write_bytes(zlib.compress(text, 9))
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
