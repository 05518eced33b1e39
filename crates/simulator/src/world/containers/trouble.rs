//! A fault of a task, told to its containers: what a program does wrong only the program can do.

use std::time::Duration;

use crate::Millis;
use crate::services::ecs::Behaviour;

/// Where its essential container finds it; `fixtures/service` knows what it means, other programs as they like.
pub(crate) const VARIABLE: &str = "TROUBLE";

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It takes that long to start.
    Slow(Millis),
    /// `exit=N`, `memory-mb=N`, `unhealthy` or `errors`, so long after the start.
    Later(String, Millis),
    /// It does what it is for, and ends with this code all the same.
    ExitAfter(i32),
}

impl Trouble {
    /// The word for a program, whose seconds are `speed` of the world's.
    pub(crate) fn word(&self, speed: f64) -> String {
        let seconds = |ms: Millis| Duration::from_millis(ms).div_f64(speed).as_secs_f64();
        match self {
            Self::Slow(ms) => format!("start-seconds={}", seconds(*ms)),
            Self::Later(word, 0) => word.clone(),
            Self::Later(word, ms) => format!("{word}@{}", seconds(*ms)),
            Self::ExitAfter(code) => format!("exit-after={code}"),
        }
    }
}

impl Behaviour {
    /// What its containers are to do wrong; what AWS does to a task is none of it.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        if let Some(exit) = self.exit.filter(|_| self.taken.is_none()) {
            let after_ms = self.late(exit.after_ms);
            match (exit.out_of_memory, exit.code) {
                (true, _) => troubles.push(Trouble::Later("memory-mb=1024".to_owned(), after_ms)),
                (false, 0) => {}
                (false, code) if self.effect_comes_first() => {
                    troubles.push(Trouble::ExitAfter(code));
                }
                (false, code) => troubles.push(Trouble::Later(format!("exit={code}"), after_ms)),
            }
        }
        if let Some(after_ms) = self.unhealthy_after_ms {
            troubles.push(Trouble::Later("unhealthy".to_owned(), after_ms));
        }
        if let Some(after_ms) = self.errors_after_ms {
            troubles.push(Trouble::Later("errors".to_owned(), after_ms));
        }
        // A program that exits at once never listens, whoever plans it.
        if let Some(after_ms) = self.ready_after_ms.filter(|after_ms| *after_ms > 0) {
            troubles.push(Trouble::Slow(after_ms));
        }
        troubles
    }
}

#[cfg(test)]
mod tests {
    use crate::services::ecs::{Behaviour, PlannedExit};

    fn words(behaviour: &Behaviour) -> Vec<String> {
        let troubles = behaviour.troubles().into_iter();
        troubles.map(|trouble| trouble.word(10.0)).collect()
    }

    #[test]
    fn what_a_container_is_told() {
        let exit = |after_ms, code, out_of_memory| Behaviour {
            exit: Some(PlannedExit {
                after_ms,
                code,
                out_of_memory,
            }),
            ..Behaviour::default()
        };
        assert!(words(&Behaviour::default()).is_empty());
        assert_eq!(words(&exit(1_000, 1, false)), ["exit=1"]);
        assert_eq!(words(&exit(35_000, 1, false)), ["exit=1@3.5"]);
        assert_eq!(words(&exit(1_000, 137, true)), ["memory-mb=1024"]);
        let ill = Behaviour {
            unhealthy_after_ms: Some(30_000),
            ready_after_ms: Some(240_000),
            ..Behaviour::default()
        };
        assert_eq!(words(&ill), ["unhealthy@3", "start-seconds=24"]);
    }
}
