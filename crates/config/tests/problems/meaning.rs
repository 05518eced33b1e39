//! Rows about what names, templates and task definitions refer to.

use rstest::rstest;

use crate::rows::{check, damaged};
use crate::{API, TOML, said};

/// The same in `api.json`.
fn check_json(from: &str, to: &str, expected: &str) {
    assert_eq!(
        said(TOML, &damaged(API, from, to), "staging"),
        format!("api.json{expected}\n")
    );
}

#[rstest]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = ["atuh"]"#,
    r#":20:15 "atuh" ← unknown name | `api` depends on `atuh`, which is not a service | did you mean `auth`?"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = [{ service = "auth", until = "draind" }]"#,
    r#":20:43 "draind" ← unknown word | `until` must be `serving` or `drained`, found `draind` | did you mean `drained`?"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = [{ service = "atuh" }]"#,
    r#":20:27 "atuh" ← unknown name | `api` depends on `atuh`, which is not a service | did you mean `auth`?"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = [{ until = "drained" }]"#,
    r#":20:15 { until = "drained" } ← `service` is required here | `service` is missing in [[services.api.depends_on]]"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = [{ service = "auth", util = "drained" }]"#,
    r#":20:35 util ← unknown key | unknown key `util` in [[services.api.depends_on]] | did you mean `until`?"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = [7]"#,
    r#":20:15 7 ← expected a list of strings or tables | `depends_on` must be a list of strings or tables, found an integer"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = ["auth", "auth"]"#,
    r#":20:23 "auth" ← listed before | `auth` is listed twice"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"depends_on = ["api"]"#,
    r#":20:15 "api" ← closes the circle | services depend on each other in a circle: api → api"#
)]
#[case(
    r#"image = "shop/auth""#,
    "image = \"shop/auth\"\ndepends_on = [\"api\"]",
    r#":25:15 "api" ← closes the circle | services depend on each other in a circle: api → auth → api"#
)]
#[case(
    r#"image = "shop/auth""#,
    "image = \"shop/auth\"\nenvironments = [\"production\"]",
    r#":20:15 "auth" ← not in this environment | `api` depends on `auth`, which is not deployed to `staging`"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"environments = ["stagin"]"#,
    r#":20:17 "stagin" ← unknown name | `api` is for `stagin`, which is not an environment | did you mean `staging`?"#
)]
#[case(
    r#"depends_on = ["auth"]"#,
    r#"environments = []"#,
    r#":20:16 [] ← empty list | `api` is in no environment | leave `environments` out to have it everywhere"#
)]
#[case(
    "path = \"/api/*\"\n",
    "path = \"/api/*\"\n[[simulation.services.api.target_groups]]\nlistener_port = 7000\n[[simulation.services.api.target_groups]]\nlistener_port = 7000\n",
    r#":53:17 7000 ← taken by `api` | port 7000 has a listener already | the network load balancer has one listener at a port"#
)]
#[case(
    "path = \"/api/*\"\n",
    "path = \"/api/*\"\n[[simulation.services.api.target_groups]]\nlistener_port = 70000\n",
    r#":51:17 70000 ← out of range | `listener_port` must be from 1 to 65535"#
)]
#[case(
    "path = \"/api/*\"\n",
    "path = \"/api/*\"\n[[simulation.services.api.target_groups]]\nlistener_port = 7000\npath = \"/x\"\n",
    r#":51:17 7000 ← `path` says otherwise | a target group is behind a rule or behind a port of its own | `path` is a rule of the application load balancer, `listener_port` a listener of a network load balancer: keep one"#
)]
#[case(
    "path = \"/api/*\"\n",
    "path = \"/api/*\"\n[[simulation.services.api.target_groups]]\nhost = \"a.example\"\n",
    r#":50:1 [[simulation.services.api.target_groups]] ← `path` or `listener_port` is required here | nobody reaches this target group"#
)]
#[case(
    "path = \"/api/*\"\n",
    "path = \"/api/*\"\n[[simulation.services.api.target_groups]]\nlistener_port = 7000\nport = 81\n",
    r#":52:8 81 ← not in `portMappings` | no container maps port 81 | add it to `portMappings`: ECS refuses a target group without it"#
)]
#[case(
    "[simulation.services.api]",
    "[simulation]\nschema = { before = \"1\", after = \"2\", prints = \"version\" }\n[simulation.services.api]",
    r#":48:48 "version" ← no `${REVISION}` | `prints` says nothing of the revision | write ${REVISION} where the tool prints it"#
)]
#[case(
    r#"[simulation.services.api]"#,
    r#"[simulation.services.apj]"#,
    r#":47:22 apj ← unknown name | `apj` is simulated but is not a service | did you mean `api`?"#
)]
#[case(
    r#"[[checks]]"#,
    "[[checks]]\nname = \"home\"\nurl = \"https://a\"\n[[checks]]",
    r#":47:8 "home" ← called like an earlier one | two checks are called `home`"#
)]
#[case(
    "way_down = \"lossless\"\n",
    r#""#,
    r#":27:1 [migration] ← `way_down` is required here | `way_down` is missing in [migration]"#
)]
#[case(r#"way_down = "lossless""#, "tool = \"alembic\"\nway_down = \"lossless\"", r#":27:1 [migration] ← `directory` is required here | the migration has a `tool` but no `directory` | name the directory of its migrations, relative to this file"#)]
#[case(r#"way_down = "lossless""#, "tool = \"flywya\"\ndirectory = \"db\"\nway_down = \"lossless\"", r#":34:8 "flywya" ← unknown word | `tool` must be `alembic` or `prisma` or `flyway` or `sql`, found `flywya` | did you mean `flyway`?"#)]
#[case(r#"way_down = "lossless""#, "directory = \"db\"\nway_down = \"lossless\"", r#":34:13 "db" ← `tool` is required here | the migration has a `directory` but no `tool` | write tool = "alembic", "prisma", "flyway" or "sql""#)]
#[case(r#"way_down = "lossless""#, "tool = \"flyway\"\ndirectory = \"app/../../db\"\nway_down = \"lossless\"", r#":35:13 "app/../../db" ← write a relative path | the directory of migrations is not inside of this file's directory | a release is made of what is committed beside backstay.toml"#)]
#[case(r#"way_down = "lossless""#, "tool = \"flyway\"\ndirectory = \"/db\"\nway_down = \"lossless\"", r#":35:13 "/db" ← write a relative path | the directory of migrations is not relative to this file | a release is made of what is committed beside backstay.toml"#)]
#[case(r#"way_down = "lossless""#, r#"way_down = "absent""#, r#":32:16 ["alembic", "downgrade", "{{ revision }}"] ← never run | the migration has a `down_command`, but its `way_down` is absent | leave it out, or write way_down = "lossless" or "lossy""#)]
#[case("down_command = [\"alembic\", \"downgrade\", \"{{ revision }}\"]\n", r#""#, r#":27:1 [migration] ← `down_command` is required here | the migration has a `way_down` but no `down_command` | add `down_command`, or write way_down = "absent""#)]
#[case("current_command = [\"alembic\", \"current\"]\n", r#""#, r#":27:1 [migration] ← `current_command` is required here | the migration has a `down_command` but no `current_command` | without it nobody knows which revision to return to"#)]
#[case(r#""downgrade", "{{ revision }}""#, r#""downgrade", "-1""#, r#":32:16 ["alembic", "downgrade", "-1"] ← nothing in it is `{{ revision }}` | `down_command` does not say which revision to return to | use `{{ revision }}`"#)]
#[case(
    r#"current_command"#,
    "command = []\ncurrent_command",
    r#":31:11 [] ← empty list | `command` is empty | leave it out"#
)]
#[case(r#"mutable = ["index.html"]"#, r#"mutable = []"#, r#":41:11 [] ← empty list | `mutable` lists no file | at least the entry page changes with every release: mutable = ["index.html"]"#)]
#[case(
    r#"mutable = ["index.html"]"#,
    r#"mutable = ["index.html", ""]"#,
    r#":41:26 "" ← empty pattern | `` in `mutable` means no file | a name, a path, or a glob: `*` within a name, `**` for any folders"#
)]
#[case(
    r#"mutable = ["index.html"]"#,
    r#"mutable = ["assets/"]"#,
    r#":41:12 "assets/" ← a folder: add `*` for the files in it, `**` for all below it | `assets/` in `mutable` means no file | a name, a path, or a glob: `*` within a name, `**` for any folders"#
)]
#[case(
    r#"mutable = ["index.html"]"#,
    r#"mutable = ["/index.html"]"#,
    r#":41:12 "/index.html" ← relative to `directory`: leave out the first `/` | `/index.html` in `mutable` means no file | a name, a path, or a glob: `*` within a name, `**` for any folders"#
)]
#[case(
    r#"mutable = ["index.html"]"#,
    r#"media_types = { about = "html" }"#,
    r#":41:25 "html" ← like "text/html; charset=utf-8" | `html` is not a media type"#
)]
#[case(
    r#"mutable = ["index.html"]"#,
    r#"media_types = { "a**" = "text/html; charset" }"#,
    r#":41:17 "a**" ← `**` stands for whole folders: between slashes, and alone | `a**` in `media_types` means no file | a name, a path, or a glob: `*` within a name, `**` for any folders
backstay.toml:41:25 "text/html; charset" ← like "text/html; charset=utf-8" | `text/html; charset` is not a media type"#
)]
#[case(
    r#"mutable = ["index.html"]"#,
    r#"region = "Ireland""#,
    r#":41:10 "Ireland" ← not a region | `Ireland` is not a region | for example "sa-east-1""#
)]
fn relations(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}

#[rstest]
#[case(
    r#"https://{{ host }}/home"#,
    r#"https://{{ hots }}/home"#,
    r#":45:19 hots ← unknown variable | unknown variable `hots` | did you mean `host`?"#
)]
#[case(r#"https://{{ host }}/home"#, r#"https://é{{host}}{{  zon }}"#, r#":45:29 zon ← unknown variable | unknown variable `zon` | known: `app`, `cluster`, `environment`, `host`, `region`"#)]
#[case(r#"https://{{ host }}/home"#, r#"https://{{ zone }}/home"#, r#":45:19 zone ← unknown variable | unknown variable `zone` | `zone` is a variable of `production`: add it to [environments.staging.variables]"#)]
#[case(r#"https://{{ host }}/home"#, r#"https://{{ version }}/home"#, r#":45:19 version ← unknown variable | unknown variable `version` | `{{ version }}` is known in task definitions, in the `equals` of a check, in `args` of a build and in `tags` only"#)]
#[case(r#"https://{{ host }}/home"#, r#"https://{{ service }}/home"#, r#":45:19 service ← unknown variable | unknown variable `service` | `{{ service }}` is known in services and in their task definitions only"#)]
#[case(
    r#"https://{{ host }}/home"#,
    r#"https://{{ account }}/home"#,
    r#":45:19 account ← unknown variable | unknown variable `account` | add `account` to [environments.staging]"#
)]
#[case(
    r#"https://{{ host }}/home"#,
    r#"https://{{ host /home"#,
    r#":45:16 {{ ← opened here | a template is not closed | close it with `}}`"#
)]
#[case(
    r#"https://{{ host }}/home"#,
    r#"https://{{ }}/home"#,
    r#":45:16 {{ }} ← empty | a template names no variable"#
)]
#[case(
    r#"https://{{ host }}/home"#,
    r#"https://\u007b{ hots }}/home"#,
    r#":45:7 "https://\u007b{ hots }}/home" ← unknown variable | unknown variable `hots` | did you mean `host`?"#
)]
#[case(
    r#""{{ version }}" }"#,
    r#""{{ image }}" }"#,
    r#":25:88 image ← unknown variable | unknown variable `image` | `{{ image }}` is known in task definitions only"#
)]
#[case(
    r#"{ host = "shop.test" }"#,
    r#"{ host = "{{ api }}.test", api = "api.{{ host }}" }"#,
    r#":7:22 "{{ api }}.test" ← closes the circle | variables use each other in a circle: api → host → api"#
)]
#[case(
    r#""{{ revision }}""#,
    r#""{{ revison }}""#,
    r#":32:45 revison ← unknown variable | unknown variable `revison` | did you mean `revision`?"#
)]
fn templates(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}

#[rstest]
#[case(
    r#"task_definition = "api.json""#,
    r#"task_definition = "apy.json""#,
    r#":18:19 "apy.json" ← no such file | there is no file `apy.json` | paths are relative to the configuration"#
)]
#[case(r#"task_definition = "api.json""#, r#"task_definition = "../x/api.json""#, r#":18:19 "../x/api.json" ← no such file | there is no file `../x/api.json` | paths are relative to the configuration"#)]
#[case(
    r#"task_definition = "api.json""#,
    r#"task_definition = "secret.json""#,
    r#":18:19 "secret.json" ← cannot be read | `secret.json` cannot be read: permission denied"#
)]
#[case(
    r#"task_definition = "api.json""#,
    r#"task_definition = "{{ servce }}.json""#,
    r#":18:23 servce ← unknown variable | unknown variable `servce` | did you mean `service`?"#
)]
fn files(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check(from, to, expected);
}

#[rstest]
#[case(
    r#"{{ cluster }}"#,
    r#"{{ clutser }}"#,
    r#":7:101 clutser ← unknown variable | unknown variable `clutser` | did you mean `cluster`?"#
)]
#[case(
    r#"{{ environment }}"#,
    r#"{{ env }}"#,
    r#":2:22 env ← unknown variable | unknown variable `env` | did you mean `environment`?"#
)]
#[case(
    r#"{{ cluster }}"#,
    r#"{{ cluster"#,
    r#":7:98 {{ ← opened here | a template is not closed | close it with `}}`"#
)]
#[case(
    r#"{{ cluster }}"#,
    r#"\t{{ clutser }}"#,
    r#":7:97 "\t{{ clutser }}" ← unknown variable | unknown variable `clutser` | did you mean `cluster`?"#
)]
#[case(r#""{{ image }}""#, r#""nginx:1""#, r#":6:16 "nginx:1" ← the same in every release | no container has the image `{{ image }}`: a release could not pin it | write "image": "{{ image }}""#)]
#[case(r#""{{ image }}""#, r#""repo/{{ image }}""#, r#":6:16 "repo/{{ image }}" ← not an image | `{{ image }}` is a whole image reference: nothing goes before or after it | write "image": "{{ image }}""#)]
#[case(
    "\"image\": \"{{ image }}\",\n",
    r#""#,
    r#":1:1 { ← here | a container in `containerDefinitions` has no `image`"#
)]
#[case(
    r#""name": "api","#,
    r#""name": "api", "name": "b","#,
    r#":5:22 "name" ← written before | `name` is written twice | keep one of them"#
)]
#[case(
    "  \"family\": \"shop-{{ environment }}-api\",\n",
    r#""#,
    r#":1:1 { ← here | the task definition has no `family`"#
)]
#[case(
    r#"containerDefinitions"#,
    r#"containers"#,
    r#":1:1 { ← here | the task definition has no `containerDefinitions`"#
)]
#[case(
    r#""{{ image }}","#,
    r#""{{ image }}""#,
    r#":7:7 " ← here | the task definition is not JSON: expected `,` or `}`"#
)]
#[case(
    "\"512\"\n}\n",
    "\"512\",\n}\n",
    r#":11:1 } ← here | the task definition is not JSON: trailing comma"#
)]
#[case(
    "  ],\n  \"memory\": \"512\"\n}\n",
    r#""#,
    r#":9:1  ← here | the task definition is not JSON: EOF while parsing a list"#
)]
fn task_definitions(#[case] from: &str, #[case] to: &str, #[case] expected: &str) {
    check_json(from, to, expected);
}

#[rstest]
#[case("a task definition is a JSON object", "[1]")]
#[case(
    "this is the answer to describe-task-definition",
    r#"{"taskDefinition": {"family": "f"}}"#
)]
#[case("the task definition is larger than 64 KiB", &format!("{}{}", API, " ".repeat(64 * 1024)))]
#[case("the task definition is not JSON: EOF", "")]
fn whole_task_definitions(#[case] expected: &str, #[case] api: &str) {
    let said = said(TOML, api, "staging");
    assert!(
        said.starts_with("api.json") && said.contains(expected),
        "{said}"
    );
}
