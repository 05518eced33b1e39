//! What processes share, who is asking, and what nobody needs here.

use std::rc::Rc;

use backstay_domain::journal::Record;
use backstay_domain::ledger::Entry;
use backstay_domain::observation::Observation;
use backstay_domain::ports::{Caller, Identity, Interrupts, Journal, Ledger, PortFailure, Report};
use backstay_domain::release::Release;
use backstay_domain::schema::{SchemaEntry, SchemaRecord};
use backstay_domain::{AppName, EnvironmentName};

use super::Hand;

impl Identity for Hand<'_> {
    async fn caller(&self) -> Result<Caller, PortFailure> {
        self.sees("sts.GetCallerIdentity")?;
        Ok(Caller {
            account: "1".to_owned(),
            principal: "somebody".to_owned(),
        })
    }
}

impl Ledger for Hand<'_> {
    async fn last_proven(
        &self,
        _app: &AppName,
        _environment: &EnvironmentName,
    ) -> Result<Option<Release>, PortFailure> {
        let world = self.world.borrow();
        Ok(world.store.ledger.last().map(|entry| entry.release.clone()))
    }

    async fn newest(
        &self,
        _app: &AppName,
        _environment: &EnvironmentName,
        _count: usize,
    ) -> Result<Vec<Entry>, PortFailure> {
        Ok(self.world.borrow().store.ledger.to_vec())
    }

    async fn record(&self, entry: &Entry) -> Result<(), PortFailure> {
        let mut world = self.world.borrow_mut();
        if !world.store.ledger.iter().any(|known| known.is(entry)) {
            Rc::make_mut(&mut world.store.ledger).push(entry.clone());
        }
        Ok(())
    }

    async fn schema(&self) -> Result<SchemaRecord, PortFailure> {
        Ok(SchemaRecord::clone(&self.world.borrow().store.schema))
    }

    async fn note(&self, entry: &SchemaEntry) -> Result<(), PortFailure> {
        self.world.borrow_mut().note(entry);
        Ok(())
    }
}

impl Journal for Hand<'_> {
    async fn append(&self, _record: &Record) -> Result<(), PortFailure> {
        Ok(())
    }
}

impl Interrupts for Hand<'_> {
    fn pending(&self) -> Option<String> {
        None
    }

    async fn wait(&self) {}
}

impl Report for Hand<'_> {
    fn recorded(&self, _record: &Record) {}
    fn observed(&self, _observation: &Observation) {}
}
