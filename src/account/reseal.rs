//! What accounts keep sealed, sealed anew when the keys are rotated.

use super::{phone, second_factor};
use crate::access::{Act, CountyWide, Refused, Tx};
use crate::names::AccountId;
use crate::platform::keys::Keys;
use crate::schema::{account_phone, second_factor as factor};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Telephone numbers and the secrets of second factors under the keys that work now;
/// the numbers are found by their new hashes.
#[derive(Serialize)]
pub struct ResealAccounts {
    #[serde(skip)]
    pub keys: Keys,
}

impl Act<CountyWide> for ResealAccounts {
    const VERB: &'static str = "accounts_resealed";
    /// How many values were sealed anew.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({})
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<usize, Refused> {
        let phones: Vec<(AccountId, Vec<u8>)> =
            account_phone::table.select((account_phone::account_id, account_phone::phone_sealed)).load(tx.conn())?;
        let secrets: Vec<(AccountId, Vec<u8>)> =
            factor::table.select((factor::account_id, factor::secret_sealed)).load(tx.conn())?;
        for (account, sealed) in &phones {
            let number = self.keys.open(phone::PLACE, sealed).map_err(Refused::broken)?;
            let number = String::from_utf8(number).map_err(Refused::broken)?;
            diesel::update(account_phone::table.filter(account_phone::account_id.eq(*account)))
                .set((
                    account_phone::phone_hash.eq(self.keys.fingerprint(phone::PLACE, &number)),
                    account_phone::phone_sealed.eq(self.keys.seal(phone::PLACE, number.as_bytes())),
                ))
                .execute(tx.conn())?;
        }
        for (account, sealed) in &secrets {
            let sealed = self.keys.reseal(second_factor::PLACE, sealed).map_err(Refused::broken)?;
            diesel::update(factor::table.find(*account)).set(factor::secret_sealed.eq(sealed)).execute(tx.conn())?;
        }
        Ok(phones.len() + secrets.len())
    }
}
