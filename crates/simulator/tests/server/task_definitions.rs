//! Every rule of task definitions, asked of the simulated ECS over its wire: the rows of `fixtures/task-definitions/rules.json`.

use backstay_simulator::server::{Pace, ServerOptions, Throttling};
use serde_json::{Value, json};

use crate::raw::{Answer, Line};
use crate::support::{Served, options};

const ROWS: &str = include_str!("../../../../fixtures/task-definitions/rules.json");

fn register(line: &mut Line, definition: &Value) -> Answer {
    let headers = "x-amz-target: AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition\r\n";
    line.ask("POST", "/", headers, &definition.to_string())
        .unwrap()
}

#[test]
fn each_rule_is_kept_and_broken() {
    let served = Served::with(ServerOptions {
        throttling: Throttling::Off,
        ..options(Pace::Manual)
    })
    .unwrap();
    let mut line = Line::to(served.address);
    let rows: Vec<Value> = serde_json::from_str(ROWS).unwrap();
    let mut wrong = Vec::new();
    for row in &rows {
        let kept = register(&mut line, &row["keeps"]);
        if kept.status != 200 {
            wrong.push(format!("{} keeps: {}", row["rule"], kept.json()));
        }
        let broken = register(&mut line, &row["breaks"]);
        let answer = broken.json();
        if row.get("later").is_some() {
            if broken.status != 200 {
                wrong.push(format!("{} is refused later: {answer}", row["rule"]));
            }
            continue;
        }
        let code = row.get("code").cloned().unwrap_or(json!("ClientException"));
        let found = json!([broken.status, answer["__type"], answer["message"]]);
        if found != json!([400, code, row["text"]]) {
            wrong.push(format!("{} breaks: {answer}", row["rule"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
