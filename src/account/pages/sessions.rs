use crate::access::{Owner, Posted, Refused};
use crate::names::SessionId;
use crate::platform::page::{Page, SeeOther};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct SessionsView {
    sessions: Vec<SessionView>,
}

#[derive(Serialize)]
struct SessionView {
    id: SessionId,
    device: String,
    since: String,
    seen: String,
    here: bool,
}

/// Where one is signed in.
#[get("/sessions")]
pub(super) async fn sessions(owner: Owner) -> Result<Page, Refused> {
    let shown = |at: chrono::NaiveDateTime| at.format("%Y-%m-%d %H:%M").to_string();
    let sessions = owner
        .open_sessions()
        .await?
        .into_iter()
        .map(|open| SessionView {
            id: open.id,
            device: open.device.unwrap_or_else(|| "不认得的设备".to_owned()),
            since: shown(open.signed_in_at),
            seen: shown(open.seen_at),
            here: open.here,
        })
        .collect();
    Ok(Page::of("account/sessions.html", &SessionsView { sessions }).within("shell", owner.shell()))
}

#[derive(Deserialize)]
struct EndForm {
    /// Without it all others end.
    session: Option<SessionId>,
}

/// Signs one other device out, or all of them.
#[post("/sessions/end")]
pub(super) async fn end_session(owner: Owner, form: Posted<EndForm>) -> Result<SeeOther, Refused> {
    owner.end_sessions(form.0.session).await?;
    Ok(SeeOther("/sessions".to_owned()))
}
