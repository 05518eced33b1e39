//! What runs inside of expressions of an Alembic revision, wherever it stands.

use super::{alembic, revision};
use crate::{By, Compatibility, WayDown};

/// The steps of a revision with this body, and whether the code before it goes on.
fn steps(up: &str) -> (Vec<String>, Compatibility, By) {
    let body = format!("conn = op.get_bind()\nusers = sa.table('users', sa.column('id'))\n{up}");
    let directory = alembic(&[("a.py", revision("a", "None", &body, "pass"))]);
    let one = &directory.revisions[0];
    let steps = one.steps.iter().map(|step| step.what.clone()).collect();
    (steps, one.compatibility.value, one.compatibility.by)
}

#[test]
fn what_runs_inside_of_an_expression_is_followed_or_unknown() {
    let rows = [
        (
            "n = conn.execute(sa.text('DELETE FROM users')).rowcount",
            "delete from users",
        ),
        (
            "print(conn.execute(sa.text('DELETE FROM users')).rowcount)",
            "delete from users",
        ),
        (
            "logger.info('%s', conn.execute(sa.text('DELETE FROM users')).rowcount)",
            "delete from users",
        ),
        (
            "assert conn.execute(sa.text('DELETE FROM users')).rowcount",
            "delete from users",
        ),
        (
            "x = [op.drop_column('users', 'a'), 1]",
            "drop column users.a",
        ),
        (
            "op.execute(sa.text('SELECT 1').bindparams(x=op.drop_table('users')))",
            "drop table users",
        ),
        ("return op.drop_table('users')", "drop table users"),
        ("x = (y := op.drop_table('users'))", "drop table users"),
        ("def f(x=op.drop_table('users')): pass", "drop table users"),
        (
            "_ = [op.drop_column('users', c) for c in COLS]",
            "a comprehension: what runs depends on a loop",
        ),
        (
            "return [op.drop_table(t) for t in TABLES]",
            "a comprehension: what runs depends on a loop",
        ),
        (
            "any(op.drop_table(t) for t in TABLES)",
            "a comprehension: what runs depends on a loop",
        ),
        (
            "x = op.drop_table('users') if y else None",
            "`… if … else …`: what runs depends on a condition",
        ),
        (
            "y and op.drop_table('users')",
            "`and`, `or`: what runs depends on a value",
        ),
        (
            "class A:\n    op.drop_table('users')",
            "`class`: what runs in it is not followed",
        ),
        (
            "x = list(map(op.drop_table, TABLES))",
            "an operation that is handed on is not followed",
        ),
        (
            "sa.orm.Session(bind=conn).query(User).delete()",
            "`delete(…)` is not followed",
        ),
        (
            "sa.MetaData().drop_all(conn)",
            "`drop_all(…)` is not followed",
        ),
        (
            "sa.create_engine(URL)",
            "`create_engine(…)` is not followed",
        ),
        ("x = sa.text(helper())", "`helper()` is not followed"),
        ("print(helper())", "`helper()` is not followed"),
        (
            "with op.batch_alter_table('users', recreate='always') as batch:\n    batch.f('x')",
            "a batch whose table is not written out, or made anew",
        ),
        ("print(Migrator(conn))", "`Migrator()` is not followed"),
        ("Migrator(conn)", "`Migrator()` is not followed"),
        ("catalog.info('x')", "`info(…)` is not followed"),
        ("x = f\"{op.drop_table('users')}\"", "drop table users"),
        ("x = {1: op.drop_table('users')}", "drop table users"),
        ("x = y[op.drop_table('users')]", "drop table users"),
        ("print(*[op.drop_table('users')])", "drop table users"),
        ("x = not op.drop_table('users')", "drop table users"),
        (
            "@decorated(op.drop_table('users'))\ndef f(): pass",
            "drop table users",
        ),
        ("x: int = op.drop_table('users')", "drop table users"),
        (
            "x = lambda: op.drop_table('users')",
            "`lambda`: when it runs is not followed",
        ),
        (
            "conn.scalar(sa.text('DELETE FROM users'))",
            "`scalar(…)` is not followed",
        ),
        (
            "conn.engine.execute('DELETE FROM users')",
            "`execute(…)` is not followed",
        ),
        ("events.info('x')", "`info(…)` is not followed"),
        ("make()()", "`a function()` is not followed"),
        (
            "op.add_column('users', sa.Column('x', sa.Text(), default=helper()))",
            "`helper()` is not followed",
        ),
        (
            "conn.execute(users.update().where(helper(users)).values(id=1))",
            "`helper()` is not followed",
        ),
    ];
    for (up, expected) in rows {
        let (found, compatibility, by) = steps(up);
        assert!(found.iter().any(|one| one == expected), "{up}: {found:?}");
        assert_eq!(compatibility, Compatibility::Breaking, "{up}");
        assert_eq!(by, By::Nobody, "{up}");
    }
}

#[test]
fn what_only_builds_does_nothing() {
    let rows = [
        "x = sa.select(users.c.id).where(users.c.id.is_(None))",
        "x = [sa.Column(c, sa.Text()) for c in COLS]",
        "x = sa.Text() if y else sa.String(5)",
        "print('%s' % len(str(users)))",
        "logger = logging.getLogger(__name__)\nlogger.info('%s', 1)",
        "x = conn.execute(sa.text('SELECT id FROM users')).fetchall()",
        "class User(Base):\n    __tablename__ = 'users'\n    id = sa.Column(sa.Integer, primary_key=True)",
        "x = 'a {}'.format(1)",
        "sa.Table('x', sa.MetaData(), sa.Column('v', Vector(3)))",
        "op.add_column('users', sa.Column('x', models.GUID()))",
        "op.add_column('users', sa.Column('x', sa.ARRAY(Vector(dim=3)), nullable=True))",
    ];
    for up in rows {
        let (found, compatibility, _) = steps(up);
        assert_eq!(compatibility, Compatibility::Compatible, "{up}: {found:?}");
    }
}

#[test]
fn what_stands_behind_a_return_does_not_run() {
    let up = "op.create_index('by_name', 'users', ['name'])";
    let down = "return\nop.drop_index('by_name')";
    let directory = alembic(&[("a.py", revision("a", "None", up, down))]);
    assert_eq!(directory.revisions[0].way_down.value, WayDown::Absent);
}
