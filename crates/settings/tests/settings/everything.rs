//! Every method that changes something does so on all nodes, by one entry of the log.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use hiveboard_settings::{
    AlertRecord, Alerts, AuditEntry, AuditLog, ChannelRecord, DEFAULT_WORKSPACE, Invitations, KeyKind, KeyScopes, Keys,
    Members, NewDelivery, NewKey, Outcome, OwnPriceRecord, PasswordHash, People, Prices, ProjectChange, ProjectRecord,
    Projects, Retentions, Role, RuleRecord, SESSION_IDLE, SavedViews, SessionOrigin, SetUp, Workspaces,
};
use hiveboard_wire::{Mode, Scope, Timestamp};
use uuid::Uuid;

use crate::{
    shared_log::SharedLog,
    support::{Node, person},
};

const SCOPE: Scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };
const MINUTE: Duration = Duration::from_secs(60);

/// Methods that change nothing, or make their change by another one of the list.
const OTHERS: &[&str] = &[
    "alert",
    "alert_channels",
    "alert_rules",
    "alerts",
    "alerts_to_resume",
    "count_alerts",
    "create_key",
    "deleted_workspaces",
    "deliveries",
    "deliveries_of",
    "due_deliveries",
    "find_invitation",
    "find_key",
    "find_person",
    "find_person_by_email",
    "find_project",
    "find_project_named",
    "find_projects_named",
    "find_session",
    "has_owner",
    "has_sessions",
    "list_invitations",
    "list_keys",
    "list_members",
    "list_projects",
    "list_sessions",
    "list_views",
    "memberships",
    "own_prices",
    "price_table",
    "project_agents",
    "project_aliases",
    "read_audit",
    "retentions",
    "workspace",
    "workspaces",
];

/// Names of the traits' methods, as they stand in the sources.
fn methods() -> BTreeSet<String> {
    let sources = [
        include_str!("../../src/alerts.rs"),
        include_str!("../../src/audit.rs"),
        include_str!("../../src/invitations.rs"),
        include_str!("../../src/keys.rs"),
        include_str!("../../src/members.rs"),
        include_str!("../../src/people.rs"),
        include_str!("../../src/prices.rs"),
        include_str!("../../src/projects.rs"),
        include_str!("../../src/retention.rs"),
        include_str!("../../src/views.rs"),
        include_str!("../../src/workspaces.rs"),
    ];
    let traits = sources.iter().filter_map(|source| source.split_once("pub trait ").map(|(_, of_trait)| of_trait));
    let lines = traits.flat_map(str::lines).filter_map(|line| line.strip_prefix("    fn "));
    lines.filter_map(|line| line.split_once('(').map(|(name, _)| name.to_owned())).collect()
}

struct Told {
    log: Arc<SharedLog>,
    nodes: [Node; 2],
    done: Mutex<BTreeSet<String>>,
}

impl Told {
    /// Makes a change, which is one entry, and the same on both nodes after it.
    fn by<T>(&self, method: &str, change: impl FnOnce() -> T) -> T {
        let before = self.log.state().entries.len();
        let done = change();
        assert_eq!(self.log.state().entries.len(), before + 1, "{method} is one change");
        self.done.lock().unwrap().insert(method.to_owned());
        self.nodes[1].catch_up(&self.log);
        assert_eq!(self.nodes[0].dump(), self.nodes[1].dump(), "after {method}");
        done
    }
}

#[test]
fn every_method_that_changes_something_does_so_on_all_nodes() {
    let log = Arc::<SharedLog>::default();
    let told = Told { nodes: [Node::new(&log), Node::new(&log)], log, done: Mutex::default() };
    let node = &told.nodes[0].settings;

    let other = told.by("create_workspace", || node.create_workspace("other")).unwrap().id;
    told.by("rename_workspace", || node.rename_workspace(other, "it's \0 other")).unwrap();
    told.by("set_auto_create_projects", || node.set_auto_create_projects(other, false)).unwrap();

    keys(&told);
    projects(&told);
    people(&told);
    alerts(&told);

    let entry = AuditEntry { action: "a".to_owned(), before: Some("{}".to_owned()), ..AuditEntry::default() };
    told.by("write_audit", || node.write_audit(other, &entry)).unwrap();
    told.by("forget_before", || node.forget_before(Timestamp::now().plus_seconds(60))).unwrap();
    told.by("write_audit", || node.write_audit(other, &entry)).unwrap();
    told.by("save_view", || node.save_view(other, "name", "runs", "?a=1", "Ada", 10)).unwrap();
    let view = node.list_views(other).unwrap().remove(0);
    told.by("save_view", || node.save_view(other, "name", "runs", "?a=2", "Bo", 10)).unwrap();
    told.by("delete_view", || node.delete_view(other, view.id)).unwrap();
    told.by("set_retention", || node.set_retention(SCOPE, Some(30))).unwrap();
    told.by("set_retention", || node.set_retention(SCOPE, None)).unwrap();
    let price = OwnPriceRecord { pattern: "m*".to_owned(), rates: "{}".to_owned(), changed_at: Timestamp::now() };
    told.by("set_own_price", || node.set_own_price(other, &price)).unwrap();
    told.by("remove_own_price", || node.remove_own_price(other, "m*")).unwrap();
    told.by("set_price_table", || node.set_price_table(Some("a,b\n"))).unwrap();
    told.by("set_price_table", || node.set_price_table(None)).unwrap();
    told.by("delete_workspace", || node.delete_workspace(other)).unwrap();
    let next = told.by("create_workspace", || node.create_workspace("next")).unwrap();
    assert!(next.id > other, "a number is not given away again");

    let mut covered = told.done.into_inner().unwrap();
    covered.extend(OTHERS.iter().map(|name| (*name).to_owned()));
    let forgotten: Vec<String> = methods().difference(&covered).cloned().collect();
    assert_eq!(forgotten, [] as [&str; 0], "try them here, or say that they change nothing");
}

fn keys(told: &Told) {
    let node = &told.nodes[0].settings;
    let new = NewKey {
        kind: KeyKind::Live,
        mode: Mode::Live,
        workspace: DEFAULT_WORKSPACE,
        name: "k",
        scopes: KeyScopes::default(),
        expires_at: None,
    };
    let (key, _) = told.by("make_key", || node.make_key(new)).unwrap();
    let id = key.id.to_string();
    told.by("touch_keys", || node.touch_keys(&[(key.id, Timestamp::now())])).unwrap();
    told.by("rotate_key", || node.rotate_key(DEFAULT_WORKSPACE, &id, MINUTE)).unwrap();
    told.by("revoke_key", || node.revoke_key(DEFAULT_WORKSPACE, &id)).unwrap();
}

fn projects(told: &Told) {
    let node = &told.nodes[0].settings;
    let project = ProjectRecord { project_id: "p".to_owned(), ..node.find_project(SCOPE, "default").unwrap().unwrap() };
    told.by("create_project", || node.create_project(SCOPE, &project)).unwrap();
    told.by("ensure_projects", || node.ensure_projects(SCOPE, &["p", "q", "r"], 10)).unwrap();
    let change = ProjectChange { name: Some("P".to_owned()), ..ProjectChange::default() };
    told.by("change_project", || node.change_project(SCOPE, "p", &change)).unwrap();
    told.by("add_project_agent", || node.add_project_agent(SCOPE, "p", "a")).unwrap();
    told.by("add_project_agent", || node.add_project_agent(SCOPE, "q", "a")).unwrap();
    told.by("remove_project_agent", || node.remove_project_agent(SCOPE, "q", "a")).unwrap();
    told.by("merge_project", || node.merge_project(SCOPE, "p", "q")).unwrap();
    told.by("merge_project", || node.merge_project(SCOPE, "q", "r")).unwrap();
    assert_eq!(node.project_agents(SCOPE, "r").unwrap().len(), 1);
}

fn people(told: &Told) {
    let node = &told.nodes[0].settings;
    let token = told.by("create_login_token", || node.create_login_token(MINUTE)).unwrap();
    told.by("redeem_login_token", || node.redeem_login_token(&token)).unwrap().unwrap();
    let SetUp::Done(ada) =
        told.by("set_up_owner", || node.set_up_owner(None, DEFAULT_WORKSPACE, &person("ada@example.org"))).unwrap()
    else {
        panic!("not set up")
    };
    told.by("set_password", || node.set_password(ada, &PasswordHash("new".to_owned()), None)).unwrap();
    let reset = told.by("create_password_reset", || node.create_password_reset(ada, MINUTE)).unwrap();
    let hash = PasswordHash("newer".to_owned());
    told.by("redeem_password_reset", || node.redeem_password_reset(&reset, &hash)).unwrap().unwrap();
    let open = || node.create_session(ada, DEFAULT_WORKSPACE, SessionOrigin::default(), SESSION_IDLE).unwrap();
    let session = told.by("create_session", open);
    let second = told.by("create_session", open);
    let other = node.workspaces().unwrap()[1].id;
    told.by("move_session", || node.move_session(&second, other)).unwrap();
    told.by("end_session", || node.end_session(&second)).unwrap();
    // What was seen a moment ago is not worth a change; after a minute it is.
    let entries = told.log.state().entries.len();
    node.touch_session(&session).unwrap();
    assert_eq!(told.log.state().entries.len(), entries);
    told.done.lock().unwrap().insert("touch_session".to_owned());
    let id = node.find_session(&session).unwrap().unwrap().id;
    told.by("end_session_by_id", || node.end_session_by_id(id)).unwrap();

    let invite = |email: &str| node.invite(DEFAULT_WORKSPACE, email, Role::Viewer, "Ada", MINUTE).unwrap();
    let (record, _) = told.by("invite", || invite("bo@example.org"));
    told.by("revoke_invitation", || node.revoke_invitation(DEFAULT_WORKSPACE, record.id)).unwrap().unwrap();
    let (_, token) = told.by("invite", || invite("bo@example.org"));
    let bo = told.by("accept_invitation", || node.accept_invitation(&token, &person(""))).unwrap().unwrap();
    told.by("add_member", || node.add_member(other, ada, Role::Admin)).unwrap();
    told.by("set_role", || node.set_role(DEFAULT_WORKSPACE, bo, Role::Member)).unwrap();
    told.by("create_session", || node.create_session(bo, DEFAULT_WORKSPACE, SessionOrigin::default(), MINUTE)).unwrap();
    told.by("remove_member", || node.remove_member(DEFAULT_WORKSPACE, bo)).unwrap();
    assert!(node.find_person(bo).unwrap().is_none(), "with all that hung from it");
}

fn alerts(told: &Told) {
    let node = &told.nodes[0].settings;
    let now = Timestamp::now();
    let rule = RuleRecord { rule_id: Uuid::new_v4(), body: "{}".to_owned(), created_at: now, updated_at: now };
    told.by("make_first_alert_rules", || node.make_first_alert_rules(SCOPE, std::slice::from_ref(&rule))).unwrap();
    told.by("save_alert_rule", || node.save_alert_rule(SCOPE, &RuleRecord { body: "{ }".to_owned(), ..rule.clone() }))
        .unwrap();
    told.by("delete_alert_rule", || node.delete_alert_rule(SCOPE, rule.rule_id)).unwrap();
    let channel = ChannelRecord {
        channel_id: Uuid::new_v4(),
        name: "c".to_owned(),
        kind: "webhook".to_owned(),
        config: "{}".to_owned(),
        secrets: "{}".to_owned(),
        created_at: now,
        updated_at: now,
    };
    told.by("save_alert_channel", || node.save_alert_channel(DEFAULT_WORKSPACE, &channel)).unwrap();
    let alert = AlertRecord {
        alert_id: Uuid::new_v4(),
        rule_id: rule.rule_id.to_string(),
        subject: "s".to_owned(),
        severity: "critical".to_owned(),
        agent_id: Some("a".to_owned()),
        task_id: None,
        project_id: None,
        environment: None,
        group: None,
        started_at: now,
        resolved_at: None,
        acknowledged_at: None,
        acknowledged_by: None,
        body: "{}".to_owned(),
    };
    let delivery = |alert_id| NewDelivery {
        delivery_id: Uuid::new_v4(),
        alert_id,
        channel_id: channel.channel_id,
        kind: "fired".to_owned(),
        message: "{}".to_owned(),
    };
    let deliveries = [delivery(Some(alert.alert_id)), delivery(None)];
    let record = |alert: &AlertRecord, deliveries: &[NewDelivery]| {
        node.record_alerts(SCOPE, std::slice::from_ref(alert), deliveries, now).unwrap();
    };
    told.by("record_alerts", || record(&alert, &deliveries));
    told.by("acknowledge_alert", || node.acknowledge_alert(SCOPE, alert.alert_id, "Ada", now)).unwrap().unwrap();
    let given_up = Outcome::GivenUp { error: "410".to_owned() };
    told.by("delivery_tried", || node.delivery_tried(deliveries[0].delivery_id, now, &given_up)).unwrap();
    let revived = told.by("revive_deliveries", || node.revive_deliveries(SCOPE, alert.alert_id, now)).unwrap();
    assert_eq!(revived, 1);
    let resolved = AlertRecord { resolved_at: Some(now), ..alert };
    told.by("record_alerts", || record(&resolved, &[]));
    let forgotten = told.by("forget_alerts", || node.forget_alerts(now.plus_seconds(1))).unwrap();
    assert_eq!(forgotten, 1, "with its deliveries");
    told.by("record_alerts", || {
        record(&AlertRecord { alert_id: Uuid::new_v4(), ..resolved.clone() }, &deliveries[1..]);
    });
    told.by("delete_alert_channel", || node.delete_alert_channel(DEFAULT_WORKSPACE, channel.channel_id)).unwrap();
}
