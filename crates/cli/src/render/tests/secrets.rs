//! No environment value of a task definition reaches an output.

use backstay_domain::journal::{Event, Outcome};
use backstay_domain::ports::Report;

use super::build::{SECRET, plan, proofs, records};
use super::story::started;
use crate::render::json::{self, JsonLines};
use crate::render::lines::Lines;
use crate::render::live::Live;
use crate::render::outcome::outcome_text;
use crate::render::plan::plan_text;
use crate::render::story::story;
use crate::shell::{ColorChoice, Output, Shell};

#[test]
fn secret_values_are_in_no_view() {
    let outcome = Outcome::Live {
        proofs: proofs(),
        unproven: vec![],
    };
    let records = records(vec![
        (0, started()),
        (
            1,
            Event::Finished {
                outcome: outcome.clone(),
            },
        ),
    ]);
    let journal = format!("{:?}", records);
    assert!(journal.contains(SECRET), "the plan has it");
    let (shell, captured) = Shell::captured(Output::Json, ColorChoice::Never);
    let (json_lines, lines) = (JsonLines::new(&shell), Lines::new(&shell));
    let live = Live::new(&shell, &plan());
    for record in &records {
        json_lines.recorded(record);
        lines.recorded(record);
        live.recorded(record);
    }
    let views = [
        plan_text(&plan()),
        story(&records),
        outcome_text(&plan(), &outcome),
        json::plan(&plan()).to_string(),
        captured.stdout(),
        captured.stderr(),
    ];
    for view in views {
        assert!(!view.contains(SECRET), "{view}");
        assert!(!view.contains("token=abc"), "{view}");
    }
    assert!(
        plan_text(&plan()).contains("environment.PASSWORD"),
        "its name is there"
    );
}
