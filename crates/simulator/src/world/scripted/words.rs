//! What containers print. Lines are visible in CloudWatch Logs a little later; that delay belongs to the logs.

use super::database::{COMMAND_ERROR, FIRST_WORDS_MS, Migration};
use crate::base::agenda::TaskSerial;
use crate::services::ecs;
use crate::{Millis, World};

impl World {
    /// A line of the container that does what a task is for, if it has the awslogs driver. Stream `prefix/container/task-id` (G [DOC]).
    pub(crate) fn write_line(&mut self, serial: TaskSerial, at_ms: Millis, line: String) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        if let Some(name) = task.app().map(|app| app.name.clone()) {
            self.write_line_of(serial, &name, at_ms, line);
        }
    }

    /// A line of one of a task's containers.
    pub(crate) fn write_line_of(
        &mut self,
        serial: TaskSerial,
        container: &str,
        at_ms: Millis,
        line: String,
    ) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let Some(target) = task
            .definition
            .container(container)
            .and_then(|it| it.logs.as_ref())
        else {
            return;
        };
        let stream = format!("{}/{container}/{}", target.prefix, task.id);
        let group = target.group.clone();
        self.log(group, stream, at_ms, line);
    }

    /// What a container prints when it has started.
    pub(crate) fn write_first_words(&mut self, serial: TaskSerial) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let now_ms = self.now_ms;
        let answers = task.answers();
        let own = self
            .program(task)
            .map(|app| app.log.clone())
            .filter(|log| !log.is_empty());
        let usual = || vec!["INFO:     Application startup complete.".to_owned()];
        let lines = own.unwrap_or_else(usual);
        let ready_ms = answers
            .ready_ms
            .filter(|ready_ms| task.exit_ms.is_none_or(|exit_ms| *ready_ms < exit_ms));
        let ready_ms = ready_ms.filter(|_| task.service().is_some());
        let by_alembic = task.behaviour.migration.as_ref();
        if by_alembic.is_some_and(|it| !matches!(it, Migration::ByTool(_))) {
            let line = "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.".to_owned();
            self.write_line(serial, now_ms + FIRST_WORDS_MS, line);
            let line =
                "INFO  [alembic.runtime.migration] Will assume transactional DDL.".to_owned();
            self.write_line(serial, now_ms + FIRST_WORDS_MS, line);
        }
        if let Some(ready_ms) = ready_ms {
            for line in lines {
                self.write_line(serial, ready_ms, line);
            }
        }
        if let Some(bad_from_ms) = answers.bad_from_ms {
            let line =
                "ERROR:    health check failed: a dependency does not answer (503)".to_owned();
            self.write_line(serial, bad_from_ms, line);
        }
    }

    /// What a container prints before it ends by itself. A process that is killed for memory says nothing.
    pub(crate) fn write_last_words(&mut self, serial: TaskSerial) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let Some(exit) = task.behaviour.exit else {
            return;
        };
        let (now_ms, is_service) = (self.now_ms, task.service().is_some());
        let known = task.app().and_then(ecs::end_of_command);
        if let Some(known) = known.filter(|known| known.code == exit.code) {
            for line in known.lines {
                self.write_line(serial, now_ms, line);
            }
            return;
        }
        let has_said_why = task.behaviour.migration.is_some() && exit.code == COMMAND_ERROR;
        if exit.code == 0 || exit.out_of_memory || has_said_why {
            return;
        }
        let error = if is_service {
            "RuntimeError: could not start the application"
        } else {
            "sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedColumn) the migration failed"
        };
        for line in [
            "Traceback (most recent call last):",
            "  File \"/app/main.py\", line 12, in <module>",
            error,
        ] {
            self.write_line(serial, now_ms, line.to_owned());
        }
    }
}
