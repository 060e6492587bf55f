//! Members, their workspaces and roles, invitations.
//! Promises: a workspace never loses its last owner; an invitation is good once; secrets of links are known here by hash only.
//! Leaves to others: passwords' hashing and rules (`komo`), sessions (`accounts_sessions`), what a role may do (`komo`'s routes).

use std::{fmt, str::FromStr};

use engage::{
    ids::{HubId, InvitationId, MemberId, WorkspaceId},
    time::Millis,
};

use crate::{
    error::{Result, StoreError},
    params,
    seam::Tx,
    statements,
    value::Row,
};

/// What a member may do in a workspace; each role may do what the ones below it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks at everything, changes nothing.
    Analyst,
    /// Works on hubs and connections.
    Editor,
    /// Also decides who is a member.
    Admin,
    /// Also decides about owners and the workspace itself.
    Owner,
}

impl Role {
    /// Every role, the strongest first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Editor, Self::Analyst];

    /// The code as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Analyst => "analyst",
        }
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|role| role.code() == text)
            .ok_or(())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Somebody who works in the studio.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// The member.
    pub id: MemberId,
    /// In lower case.
    pub email: String,
    /// As others see them.
    pub name: String,
    /// An Argon2id hash in PHC form; none for somebody who signs in another way.
    pub password: Option<String>,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A member's place in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// What the member may do there.
    pub role: Role,
}

/// An invitation that has not been used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The invitation.
    pub id: InvitationId,
    /// Into which workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// For whom.
    pub email: String,
    /// With which role.
    pub role: Role,
    /// Until when it can be used.
    pub expires_at: Millis,
}

statements! {
    ANY_MEMBER = "SELECT id FROM members LIMIT 1";
    INSERT_MEMBER = "INSERT INTO members (id, email, name, password, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (email) DO NOTHING";
    MEMBER = "SELECT id, email, name, password FROM members WHERE id = $1";
    MEMBER_BY_EMAIL = "SELECT id, email, name, password FROM members WHERE email = $1";
    SET_PASSWORD = "UPDATE members SET password = $1, updated_at = $2 WHERE id = $3";
    SET_NAME = "UPDATE members SET name = $1, updated_at = $2 WHERE id = $3";
    INSERT_WORKSPACE = "INSERT INTO workspaces (id, name, created_at) VALUES ($1, $2, $3)";
    RENAME_WORKSPACE = "UPDATE workspaces SET name = $1 WHERE id = $2";
    MEMBERSHIPS = "SELECT m.workspace_id, w.name, m.role FROM memberships m JOIN workspaces w ON w.id = m.workspace_id WHERE m.member_id = $1 ORDER BY w.created_at, w.id";
    MEMBERSHIP = "SELECT m.workspace_id, w.name, m.role FROM memberships m JOIN workspaces w ON w.id = m.workspace_id WHERE m.member_id = $1 AND m.workspace_id = $2";
    MEMBERSHIP_BY_HUB = "SELECT m.workspace_id, w.name, m.role, h.id FROM hubs h JOIN memberships m ON m.workspace_id = h.workspace_id JOIN workspaces w ON w.id = h.workspace_id WHERE m.member_id = $1 AND h.slug = $2";
    MEMBERSHIP_BY_CONNECTION = "SELECT m.workspace_id, w.name, m.role FROM connections c JOIN memberships m ON m.workspace_id = c.workspace_id JOIN workspaces w ON w.id = c.workspace_id WHERE m.member_id = $1 AND c.id = $2 AND c.removed_at IS NULL";
    MEMBERS_OF = "SELECT x.id, x.email, x.name, x.password, m.role FROM memberships m JOIN members x ON x.id = m.member_id WHERE m.workspace_id = $1 ORDER BY x.name, x.id";
    OWNERS = "SELECT count(*) FROM memberships WHERE workspace_id = $1 AND role = 'owner'";
    PUT_MEMBERSHIP = "INSERT INTO memberships (workspace_id, member_id, role, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, member_id) DO NOTHING";
    SET_ROLE = "UPDATE memberships SET role = $1 WHERE workspace_id = $2 AND member_id = $3";
    DROP_MEMBERSHIP = "DELETE FROM memberships WHERE workspace_id = $1 AND member_id = $2";
    INSERT_INVITATION = "INSERT INTO invitations (id, token_hash, workspace_id, email, role, invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INVITATION = "SELECT i.id, i.workspace_id, w.name, i.email, i.role, i.expires_at FROM invitations i JOIN workspaces w ON w.id = i.workspace_id WHERE i.token_hash = $1 AND i.expires_at > $2";
    INVITATIONS = "SELECT i.id, i.workspace_id, w.name, i.email, i.role, i.expires_at FROM invitations i JOIN workspaces w ON w.id = i.workspace_id WHERE i.workspace_id = $1 AND i.expires_at > $2 ORDER BY i.created_at";
    DROP_INVITATION = "DELETE FROM invitations WHERE id = $1 AND workspace_id = $2";
}

/// Whether anybody can sign in yet.
pub async fn any_member(tx: &mut Tx) -> Result<bool> {
    Ok(tx.query_opt(&ANY_MEMBER, &[]).await?.is_some())
}

/// Makes a member; false when the address has one already.
pub async fn make_member(tx: &mut Tx, member: &Member, now: Millis) -> Result<bool> {
    let values = params![
        member.id,
        member.email.as_str(),
        member.name.as_str(),
        member.password.as_deref(),
        now
    ];
    Ok(tx.execute(&INSERT_MEMBER, values).await? == 1)
}

/// A member by id.
pub async fn member(tx: &mut Tx, id: MemberId) -> Result<Option<Member>> {
    let row = tx.query_opt(&MEMBER, params![id]).await?;
    row.map(|mut row| read_member(&mut row)).transpose()
}

/// A member by e-mail address in lower case.
pub async fn member_by_email(tx: &mut Tx, email: &str) -> Result<Option<Member>> {
    let row = tx.query_opt(&MEMBER_BY_EMAIL, params![email]).await?;
    row.map(|mut row| read_member(&mut row)).transpose()
}

fn read_member(row: &mut Row) -> Result<Member> {
    Ok(Member {
        id: row.take(0)?,
        email: row.take(1)?,
        name: row.take(2)?,
        password: row.take(3)?,
    })
}

/// Stores a new password's hash. The caller ends the member's other sessions.
pub async fn set_password(tx: &mut Tx, id: MemberId, hash: &str, now: Millis) -> Result<()> {
    tx.execute(&SET_PASSWORD, params![hash, now, id]).await?;
    Ok(())
}

/// Stores a new name.
pub async fn set_name(tx: &mut Tx, id: MemberId, name: &str, now: Millis) -> Result<()> {
    tx.execute(&SET_NAME, params![name, now, id]).await?;
    Ok(())
}

/// Makes a workspace with its first owner.
pub async fn make_workspace(
    tx: &mut Tx,
    id: WorkspaceId,
    name: &str,
    owner: MemberId,
    now: Millis,
) -> Result<()> {
    tx.execute(&INSERT_WORKSPACE, params![id, name, now])
        .await?;
    join(tx, id, owner, Role::Owner, now).await?;
    Ok(())
}

/// Gives a workspace another name.
pub async fn rename_workspace(tx: &mut Tx, id: WorkspaceId, name: &str) -> Result<()> {
    tx.execute(&RENAME_WORKSPACE, params![name, id]).await?;
    Ok(())
}

/// The workspaces of a member, oldest first.
pub async fn memberships(tx: &mut Tx, member: MemberId) -> Result<Vec<Membership>> {
    let rows = tx.query(&MEMBERSHIPS, params![member]).await?;
    rows.into_iter()
        .map(|mut row| read_membership(&mut row))
        .collect()
}

/// A member's place in one workspace; none when it is not theirs.
pub async fn membership(
    tx: &mut Tx,
    member: MemberId,
    workspace: WorkspaceId,
) -> Result<Option<Membership>> {
    let row = tx
        .query_opt(&MEMBERSHIP, params![member, workspace])
        .await?;
    row.map(|mut row| read_membership(&mut row)).transpose()
}

/// A member's place in the workspace of a hub, and the hub.
pub async fn membership_by_hub(
    tx: &mut Tx,
    member: MemberId,
    slug: &str,
) -> Result<Option<(Membership, HubId)>> {
    let row = tx
        .query_opt(&MEMBERSHIP_BY_HUB, params![member, slug])
        .await?;
    row.map(|mut row| Ok((read_membership(&mut row)?, row.take(3)?)))
        .transpose()
}

/// A member's place in the workspace of a connection.
pub async fn membership_by_connection(
    tx: &mut Tx,
    member: MemberId,
    connection: engage::ids::ConnectionId,
) -> Result<Option<Membership>> {
    let row = tx
        .query_opt(&MEMBERSHIP_BY_CONNECTION, params![member, connection])
        .await?;
    row.map(|mut row| read_membership(&mut row)).transpose()
}

fn read_membership(row: &mut Row) -> Result<Membership> {
    Ok(Membership {
        workspace: row.take(0)?,
        name: row.take(1)?,
        role: role(row, 2)?,
    })
}

fn role(row: &mut Row, at: usize) -> Result<Role> {
    let code: String = row.take(at)?;
    code.parse()
        .map_err(|()| StoreError::Corrupt(format!("a member with the role `{code}`")))
}

/// Everybody in a workspace, with their roles.
pub async fn members_of(tx: &mut Tx, workspace: WorkspaceId) -> Result<Vec<(Member, Role)>> {
    let rows = tx.query(&MEMBERS_OF, params![workspace]).await?;
    rows.into_iter()
        .map(|mut row| Ok((read_member(&mut row)?, role(&mut row, 4)?)))
        .collect()
}

/// Lets a member into a workspace; false when they are in it already.
pub async fn join(
    tx: &mut Tx,
    workspace: WorkspaceId,
    member: MemberId,
    role: Role,
    now: Millis,
) -> Result<bool> {
    let values = params![workspace, member, role.code(), now];
    Ok(tx.execute(&PUT_MEMBERSHIP, values).await? == 1)
}

/// Changes a member's role, or with `None` takes them out of the workspace. False when that would leave it without an owner,
/// or when they are not in it.
pub async fn change_role(
    tx: &mut Tx,
    workspace: WorkspaceId,
    member: MemberId,
    to: Option<Role>,
) -> Result<bool> {
    let Some(now) = membership(tx, member, workspace).await? else {
        return Ok(false);
    };
    if now.role == Role::Owner && to != Some(Role::Owner) {
        let owners: i64 = match tx.query_opt(&OWNERS, params![workspace]).await? {
            Some(mut row) => row.take(0)?,
            None => 0,
        };
        if owners < 2 {
            return Ok(false);
        }
    }
    let changed = match to {
        Some(role) => {
            tx.execute(&SET_ROLE, params![role.code(), workspace, member])
                .await?
        }
        None => {
            tx.execute(&DROP_MEMBERSHIP, params![workspace, member])
                .await?
        }
    };
    Ok(changed == 1)
}

/// Keeps an invitation; the link's secret itself is not stored.
pub async fn invite(
    tx: &mut Tx,
    token_hash: &[u8],
    invitation: &Invitation,
    by: MemberId,
    now: Millis,
) -> Result<()> {
    let values = params![
        invitation.id,
        token_hash,
        invitation.workspace,
        invitation.email.as_str(),
        invitation.role.code(),
        by,
        now,
        invitation.expires_at
    ];
    tx.execute(&INSERT_INVITATION, values).await?;
    Ok(())
}

/// The invitation of a link, while it can be used.
pub async fn invitation(tx: &mut Tx, token_hash: &[u8], now: Millis) -> Result<Option<Invitation>> {
    let row = tx.query_opt(&INVITATION, params![token_hash, now]).await?;
    row.map(|mut row| read_invitation(&mut row)).transpose()
}

/// Invitations into a workspace that can still be used.
pub async fn invitations(
    tx: &mut Tx,
    workspace: WorkspaceId,
    now: Millis,
) -> Result<Vec<Invitation>> {
    let rows = tx.query(&INVITATIONS, params![workspace, now]).await?;
    rows.into_iter()
        .map(|mut row| read_invitation(&mut row))
        .collect()
}

fn read_invitation(row: &mut Row) -> Result<Invitation> {
    Ok(Invitation {
        id: row.take(0)?,
        workspace: row.take(1)?,
        workspace_name: row.take(2)?,
        email: row.take(3)?,
        role: role(row, 4)?,
        expires_at: row.take(5)?,
    })
}

/// Takes an invitation away, used or withdrawn; false when it is gone already.
pub async fn drop_invitation(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<bool> {
    Ok(tx.execute(&DROP_INVITATION, params![id, workspace]).await? == 1)
}
