//! Directories of Alembic as teams have them.

use super::{alembic, files, problems, revision, told};
use crate::{By, Compatibility, Lock, Locking, Tool, WayDown, read};

fn add(column: &str) -> String {
    format!("op.add_column('users', sa.Column('{column}', sa.Text(), nullable=True))")
}

fn drop(column: &str) -> String {
    format!("op.drop_column('users', '{column}')")
}

const USERS: &str = "op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True), sa.Column('name', sa.String(50)))";

#[test]
fn two_heads_are_named_with_their_places() {
    let directory = alembic(&[
        (
            "versions/a_users.py",
            revision("a", "None", USERS, "op.drop_table('users')"),
        ),
        (
            "versions/b_phone.py",
            revision("b", "\"a\"", &add("phone"), &drop("phone")),
        ),
        (
            "versions/c_mail.py",
            revision("c", "\"a\"", &add("mail"), &drop("mail")),
        ),
    ]);
    assert_eq!(
        told(&directory),
        [
            "a Compatible Online, down Lossy",
            "b Compatible Online, down Lossy",
            "c Compatible Online, down Lossy",
            "heads: b c",
            "Error versions/c_mail.py:9: there are 2 heads: `b` (versions/b_phone.py:9), `c` (versions/c_mail.py:9)",
        ]
    );
}

#[test]
fn a_merge_joins_them() {
    let merge = revision("d", "(\"b\", \"c\")", "", "");
    let directory = alembic(&[
        (
            "a.py",
            revision("a", "None", USERS, "op.drop_table('users')"),
        ),
        (
            "b.py",
            revision("b", "\"a\"", &add("phone"), &drop("phone")),
        ),
        ("c.py", revision("c", "\"a\"", &add("mail"), &drop("mail"))),
        ("d.py", merge),
    ]);
    assert_eq!(problems(&directory), Vec::<String>::new());
    assert_eq!(directory.heads, ["d"]);
    let of = |from: Option<&str>, to: &str| {
        let found = directory.between(from, to);
        found
            .iter()
            .map(|one| one.id.clone())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(of(None, "d"), "a b c d");
    assert_eq!(
        of(Some("b"), "d"),
        "c d",
        "the other branch comes with the merge"
    );
    assert_eq!(of(Some("d"), "d"), "");
    let last = directory.revision("d").expect("the merge");
    assert_eq!(last.compatibility.value, Compatibility::Compatible);
    assert_eq!(last.way_down.value, WayDown::Lossless, "it changes nothing");
}

#[test]
fn labelled_branches_are_meant() {
    let labelled = |id: &str, label: &str| {
        revision(id, "None", "", "").replace(
            "branch_labels = None",
            &format!("branch_labels = ('{label}',)"),
        )
    };
    let needs = |text: String| text.replace("depends_on = None", "depends_on: str | None = 'shop'");
    let directory = alembic(&[
        ("a.py", labelled("a", "shop")),
        ("b.py", needs(labelled("b", "blog"))),
        ("c.py", revision("c", "\"b\"", "", "")),
    ]);
    assert_eq!(directory.heads, ["a", "c"]);
    assert_eq!(directory.revision("b").expect("b").labels, ["blog"]);
    assert_eq!(
        problems(&directory),
        ["Warning c.py:9: there are 2 heads: `a` (a.py:9), `c` (c.py:9)"],
        "each has a label that tells it apart"
    );
    let applied: Vec<String> = directory
        .between(None, "c")
        .iter()
        .map(|one| one.id.clone())
        .collect();
    assert_eq!(applied, ["b", "c"], "a label names a branch, not a parent");
}

#[test]
fn a_circle_is_told_in_its_order() {
    let directory = alembic(&[
        ("a.py", revision("a", "\"c\"", "", "")),
        ("b.py", revision("b", "\"a\"", "", "")),
        ("c.py", revision("c", "\"b\"", "", "")),
    ]);
    assert_eq!(directory.heads, Vec::<String>::new());
    assert_eq!(
        problems(&directory),
        ["Error a.py:10: revisions come after each other in a circle: a after c after b after a"]
    );
    assert_eq!(
        directory.revisions.len(),
        3,
        "they are told of all the same"
    );
}

#[test]
fn a_parent_that_is_missing_and_a_name_that_is_there_twice() {
    let directory = alembic(&[
        ("a.py", revision("1ab2", "None", "", "")),
        ("b.py", revision("b", "\"1ab3\"", "", "")),
        ("c.py", revision("c", "\"zzzz\"", "", "")),
        ("d.py", revision("1ab2", "\"b\"", "", "")),
    ]);
    let helps: Vec<&str> = directory
        .problems
        .iter()
        .map(|one| one.help.as_str())
        .collect();
    assert_eq!(
        problems(&directory)[..2],
        [
            "Error b.py:10: `b` comes after `1ab3`, which no file declares",
            "Error c.py:9: there are 3 heads: `1ab2` (a.py:9), `b` (b.py:9), `c` (c.py:9)",
        ]
    );
    assert_eq!(helps[0], "did you mean `1ab2`?");
    assert_eq!(
        problems(&directory)[2..],
        [
            "Error c.py:10: `c` comes after `zzzz`, which no file declares",
            "Error d.py:9: `1ab2` is also the name of the revision at a.py:9",
        ]
    );
}

#[test]
fn a_missing_way_down_is_absent_however_it_is_missing() {
    let without =
        revision("b", "\"a\"", &add("x"), "").replace("def downgrade() -> None:\n    pass\n", "");
    let raises = revision(
        "c",
        "\"b\"",
        &add("y"),
        "raise NotImplementedError('no way')",
    );
    let nothing = revision("d", "\"c\"", &add("z"), "");
    let directory = alembic(&[
        (
            "a.py",
            revision("a", "None", USERS, "op.drop_table('users')"),
        ),
        ("b.py", without),
        ("c.py", raises),
        ("d.py", nothing),
    ]);
    let down: Vec<String> = directory.revisions[1..]
        .iter()
        .map(|one| {
            format!(
                "{:?} {} {}",
                one.way_down.value, one.way_down.place, one.way_down.why
            )
        })
        .collect();
    assert_eq!(
        down,
        [
            "Absent b.py:9 there is no `downgrade()`",
            "Absent c.py:20 `downgrade()` raises",
            "Absent d.py:19 it does nothing, and \"add column users.z\" is not undone",
        ]
    );
}

#[test]
fn raw_sql_is_read_where_it_is_written_out() {
    let up = "QUERY = 'UPDATE users SET name = 1'\nop.execute(\n    \"\"\"\n    ALTER TABLE users ADD COLUMN phone text;\n    ALTER TABLE users RENAME COLUMN name TO called;\n    \"\"\"\n)\nop.execute(sa.text('CREATE INDEX by_phone ON users (phone)'))\nconn = op.get_bind()\nconn.execute(sa.text(QUERY))\nop.execute(f'DROP TABLE {QUERY}')\nop.execute('ALTER TABLE users FROBNICATE')";
    let directory = alembic(&[("a.py", revision("a", "None", up, ""))]);
    let steps: Vec<String> = directory.revisions[0]
        .steps
        .iter()
        .map(|step| format!("{} {}", step.place, step.what))
        .collect();
    assert_eq!(
        steps,
        [
            "a.py:19 add column users.phone",
            "a.py:20 rename column users.name to called",
            "a.py:23 create index by_phone on users",
            "a.py:16 update users",
            "a.py:26 `execute(…)`: its SQL is not written out",
            "a.py:27 `ALTER TABLE users FROBNICATE`: SQL that the parser does not know",
        ]
    );
    let verdict = &directory.revisions[0].compatibility;
    assert_eq!(
        (verdict.value, verdict.by),
        (Compatibility::Breaking, By::Linted)
    );
    assert_eq!(verdict.place.line, 20, "because of the rename");
}

#[test]
fn what_happens_only_sometimes_is_unknown_by_place() {
    let up = "for name in ('a', 'b'):\n    op.drop_column('users', name)\nif op.get_context().as_sql:\n    op.drop_table('users')\nhelper()\nop.create_my_view('x')\nop.add_column('users', make_column())\nop.add_column(*arguments)";
    let directory = alembic(&[("a.py", revision("a", "None", up, ""))]);
    let one = &directory.revisions[0];
    let steps: Vec<String> = one
        .steps
        .iter()
        .map(|step| format!("{} {}", step.place.line, step.what))
        .collect();
    assert_eq!(
        steps,
        [
            "16 `for`: what runs depends on a loop",
            "18 `if`: what runs depends on a condition",
            "20 `helper()` is not followed",
            "21 `create_my_view(…)`: what it does is not written out",
            "22 `make_column()` is not followed",
            "22 `add_column(…)`: what it does is not written out",
            "23 `add_column(…)`: what it does is not written out",
        ]
    );
    assert_eq!(
        (one.compatibility.value, one.compatibility.by),
        (Compatibility::Breaking, By::Nobody)
    );
    assert_eq!(one.locking.value, Locking::Locks(Lock::Unknown));
}

#[test]
fn an_autogenerated_file() {
    let up = "# ### commands auto generated by Alembic - please adjust! ###\nwith op.batch_alter_table('users', schema=None) as batch_op:\n    batch_op.add_column(sa.Column('team_id', sa.Integer(), nullable=True))\n    batch_op.alter_column('name',\n           existing_type=sa.VARCHAR(length=50),\n           type_=sa.String(length=200),\n           existing_nullable=False)\n    batch_op.create_index(batch_op.f('ix_users_name'), ['name'], unique=False)\n    batch_op.create_foreign_key('of_team', 'teams', ['team_id'], ['id'])\n    batch_op.drop_column('old')\n# ### end Alembic commands ###";
    let down = "with op.batch_alter_table('users', schema=None) as batch_op:\n    batch_op.add_column(sa.Column('old', sa.TEXT(), autoincrement=False, nullable=True))\n    batch_op.drop_constraint('of_team', type_='foreignkey')\n    batch_op.drop_index(batch_op.f('ix_users_name'))\n    batch_op.alter_column('name', existing_type=sa.String(length=200), type_=sa.VARCHAR(length=50))\n    batch_op.drop_column('team_id')";
    let directory = alembic(&[("a.py", revision("a", "None", up, down))]);
    let one = &directory.revisions[0];
    let steps: Vec<String> = one
        .steps
        .iter()
        .map(|step| {
            format!(
                "{} {} {:?} {:?}",
                step.place.line, step.what, step.finding.runs, step.finding.lock
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            "18 add column users.team_id Expands Brief",
            "19 change users.name from varchar(50) to varchar(200) Expands Brief",
            "23 create index ix_users_name on users Expands Writes",
            "24 add foreign key of_team to users Contracts Writes",
            "25 drop column users.old Contracts Brief",
        ]
    );
    assert_eq!(one.title, "about a");
    assert_eq!(
        one.way_down.why,
        "\"drop column users.old\": its values are gone when it is done"
    );
}

#[test]
fn a_file_that_is_not_python_and_one_that_is_not_utf_8() {
    let broken = revision("b", "\"a\"", &add("x"), "")
        .replace("sa.Text(), nullable=True))", "sa.Text(, nullable");
    let mut written = files(&[
        ("versions/a.py", &revision("a", "None", "", "")),
        ("versions/b.py", &broken),
        ("versions/notes.py", "print('hello')\n"),
        ("versions/__init__.py", ""),
        ("env.py", "from alembic import context\n"),
    ]);
    written.insert(
        "versions/c.py".to_owned(),
        b"revision = 'c'\n# caf\xe9\n".to_vec(),
    );
    let directory = read(Tool::Alembic, &written);
    assert_eq!(
        problems(&directory),
        [
            "Error versions/b.py:16: this is not Python: Expected an expression or a ')'",
            "Error versions/c.py:2: the file is not UTF-8",
            "Error versions/notes.py:1: no `revision` is declared here",
        ]
    );
    let one = directory.revision("b").expect("what can be read of it");
    assert_eq!(one.compatibility.value, Compatibility::Breaking);
}

#[test]
fn names_of_alembic_in_all_their_shapes() {
    let text = "from typing import Sequence, Union\nfrom alembic import op as o\nimport sqlalchemy as db\n\nrevision: str = 'a'\ndown_revision: Union[str, Sequence[str], None] = None\nbranch_labels: Union[str, Sequence[str], None] = None\n\n\nasync def upgrade():\n    \"\"\"Upgrade schema.\"\"\"\n    o.add_column('users', db.Column('x', db.Integer, nullable=True), schema='shop')\n    with o.get_context().autocommit_block():\n        o.create_index('by_x', 'users', ['x'], schema='shop', postgresql_concurrently=True)\n    o.create_index('by_y', 'users', ['x'], schema='shop', postgresql_concurrently=True)\n\n\ndef downgrade():\n    o.drop_column('users', 'x', schema='shop')\n";
    let dynamic =
        "revision = make()\ndown_revision = 'a'\ndef upgrade(): pass\ndef downgrade(): pass\n";
    let directory = read(Tool::Alembic, &files(&[("a.py", text), ("b.py", dynamic)]));
    let steps: Vec<&str> = directory.revisions[0]
        .steps
        .iter()
        .map(|step| step.what.as_str())
        .collect();
    assert_eq!(
        steps,
        [
            "add column shop.users.x",
            "create index by_x on shop.users concurrently",
            "create index by_y on shop.users concurrently",
        ]
    );
    assert_eq!(
        problems(&directory),
        [
            "Warning a.py:15: \"create index by_y on shop.users concurrently\" cannot run inside a transaction, and this revision is one"
        ]
    );
}

#[test]
fn what_a_type_says_is_written_out_or_unknown() {
    let rows = [
        ("sa.String(50)", "sa.String(90)", "Expands"),
        (
            "sa.String(length=50)",
            "sa.String(length=90, collation='C')",
            "Expands",
        ),
        ("sa.String(50)", "sa.String(NAME_LEN)", "Unknown"),
        ("sa.String(NAME_LEN)", "sa.String(90)", "Unknown"),
        ("sa.String(**sizes)", "sa.String(90)", "Unknown"),
        ("sa.Numeric(8, SCALE)", "sa.Numeric(8, 2)", "Unknown"),
        ("sa.DateTime()", "sa.DateTime(False)", "Expands"),
        ("sa.DateTime(ZONE)", "sa.DateTime()", "Unknown"),
        (
            "postgresql.TIMESTAMP(precision=6)",
            "postgresql.TIMESTAMP(precision=0)",
            "Unknown",
        ),
        (
            "sa.Enum('a', name='mood', native_enum=False)",
            "sa.Enum('a', name='mood')",
            "Unknown",
        ),
    ];
    for (from, to, expected) in rows {
        let up = format!("op.alter_column('users', 'x', existing_type={from}, type_={to})");
        let directory = alembic(&[("a.py", revision("a", "None", &up, ""))]);
        let found = &directory.revisions[0].steps[0].finding.runs;
        assert_eq!(format!("{found:?}"), expected, "{from} to {to}");
    }
    let rows = [
        "sa.Column('x', sa.Text(), **options)",
        "sa.Column('x', sa.Text(), foreign_key)",
    ];
    for column in rows {
        let up = format!("op.add_column('users', {column})");
        let directory = alembic(&[("a.py", revision("a", "None", &up, ""))]);
        let found = &directory.revisions[0].steps[0].what;
        assert_eq!(
            found, "`add_column(…)`: what it does is not written out",
            "{column}"
        );
    }
    let named = "default = sa.text('random()')\nop.add_column('users', sa.Column('x', sa.Float(), server_default=default))";
    let directory = alembic(&[("a.py", revision("a", "None", named, ""))]);
    assert_eq!(
        directory.revisions[0].locking.value,
        Locking::Locks(Lock::Rewrite)
    );
}
