//! From what is written to what is looked at.

use std::sync::Arc;
use std::thread::Scope;
use std::time::{Duration, Instant};

use super::threaded::{Threaded, Work};
use super::{command, database};
use crate::action::headers::headers;
use crate::action::program::credentials;
use crate::action::{Context, authorities};
use crate::document::Located;
use crate::failure::Failure;
use crate::input;
use crate::net::{HttpLook, Look, Probe, RedisLook, Watch};
use crate::spec::{WaitSpec, Wanted, What};

/// How long one look may take.
const TRY: Duration = Duration::from_secs(5);
const TRY_OF_COMMAND: Duration = Duration::from_secs(30);

impl WaitSpec {
    /// The targets that are meant, but those of other runs. What they need of files and secrets must be there; it ends at `until`.
    pub(super) fn watches<'scope, 'env: 'scope>(
        &'env self,
        is_meant: impl Fn(&What) -> bool,
        scope: &'scope Scope<'scope, 'env>,
        until: Instant,
        context: &'env Context,
    ) -> Result<Vec<Watch<'scope>>, Failure> {
        let mut watches = Vec::new();
        for wanted in self.targets.iter().filter(|wanted| is_meant(&wanted.what)) {
            let look: Box<dyn Look + 'scope> = match self.look_for(wanted, until, context)? {
                None => continue,
                Some(Way::Here(look)) => look,
                Some(Way::InThread(work)) => Box::new(Threaded { scope, work }),
            };
            let usual = if matches!(wanted.what, What::Command(_)) { TRY_OF_COMMAND } else { TRY };
            let limit = wanted.try_timeout.map_or(usual, crate::spec::Duration::get);
            watches.push(Watch { label: wanted.what.to_string(), gone: self.is_gone(wanted), limit, look });
        }
        Ok(watches)
    }

    fn look_for<'env>(
        &'env self,
        wanted: &'env Located<Wanted>,
        until: Instant,
        context: &'env Context,
    ) -> Result<Option<Way<'env>>, Failure> {
        Ok(Some(match &wanted.what {
            What::Target(target) => Way::Here(Box::new(Probe { target, root: &context.root })),
            What::Http(conditions) => {
                let secure = conditions.url.is_secure();
                let tls = || authorities::client_tls(&conditions.tls, self.ca.as_ref(), context);
                let tls = secure.then(tls).transpose()?;
                Way::Here(Box::new(HttpLook::new(conditions, tls, headers(&conditions.headers, context)?)?))
            }
            What::Redis(spec) => {
                let read = || {
                    let secret = spec.password.as_ref().map(|source| input::read_secret(source, context.stores()));
                    Ok(secret.transpose()?.map(|secret| secret.value))
                };
                // A secret that is not there will not get better.
                read()?;
                let password = Box::new(move || read().map_err(|failure: Failure| failure.to_string()));
                let tls = || authorities::client_tls(&spec.tls, self.ca.as_ref(), context);
                let tls = spec.url.secure.then(tls).transpose()?;
                Way::Here(Box::new(RedisLook { url: &spec.url, password, tls }))
            }
            What::Database(spec) => {
                let spec = Located::new(wanted.span, (**spec).clone());
                // An address that makes no sense, and a secret that is not there, will not get better.
                crate::action::database::address(&spec.value, spec.span, context)?;
                Way::InThread(Arc::new(move |limit| database::look(&spec, (limit, until), context)))
            }
            What::Command(spec) => {
                credentials(spec.user.as_ref(), context)?;
                Way::InThread(Arc::new(move |limit| command::look(spec, (limit, until), context)))
            }
            What::Migrated(_) => return Ok(None),
        }))
    }
}

enum Way<'env> {
    Here(Box<dyn Look + 'env>),
    InThread(Work<'env>),
}
