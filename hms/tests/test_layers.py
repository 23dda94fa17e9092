"""The shape of the code, read from its syntax trees: which way imports point, and what a view may not do."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ["accounts", "clinic", "scheduling", "records", "hms"]  # each may import itself and those before it
BANNED = {"utils", "helpers", "managers", "selectors", "signals"}
# Each narrows to whom it names, or to what is public.
SCOPING = {"visible_to", "managed_by", "treated_by", "written_by", "held_by", "addressed_to"}
SCOPING |= {"listed", "ever_listed", "of", "open"}
MANAGERS = {"objects", "everything", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}
WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
NOT_ROWS = {"session", "messages", "headers", "cache", "params", "context", "form", "forms", "services", "service"}


def modules(*apps):
    """(dotted name, path) of every module of these apps, migrations and tests left out."""
    for app in apps:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if not {"tests", "migrations"} & set(parts):
                yield ".".join(part for part in parts if part != "__init__"), path


def tree_of(path):
    return ast.parse(path.read_text(), filename=str(path))


def imported(tree):
    """Dotted names that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_view(name):
    return "views" in name.split(".")


def allowed(importer, name):
    """Whether a module of ours may import that name."""
    top, target = importer.split(".")[0], name.split(".")[0]
    if target not in APPS:
        return True
    if importer.startswith("hms.lib"):
        return name == "hms" or name.startswith("hms.lib")
    if target == "hms" and top != "hms":
        return name == "hms" or name.startswith("hms.lib")
    return APPS.index(target) <= APPS.index(top)


def is_shortcut(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHORTCUTS


def unscoped(tree):
    """Lines where a view starts from all rows: X.objects not narrowed at once, or a whole model to get one from."""
    nodes = list(ast.walk(tree))
    narrowed = {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr in SCOPING}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in narrowed:
            yield node.lineno
        if is_shortcut(node) and isinstance(node.args[0], ast.Name) and node.args[0].id[0].isupper():
            yield node.lineno


def writes(tree):
    """Lines where a view writes by itself instead of calling a form or a service."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in WRITES and not set(names_in(node.func.value)) & NOT_ROWS:
            yield node.lineno


def names_in(node):
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def test_imports_point_one_way():
    wrong = [
        f"{name} imports {target}"
        for name, path in modules(*APPS)
        for target in imported(tree_of(path))
        if not allowed(name, target)
    ]
    assert wrong == []


def test_views_start_from_the_rows_a_person_may_see():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for name, path in modules(*APPS)
        if is_view(name)
        for line in unscoped(tree_of(path))
    ]
    assert wrong == []


def test_views_leave_every_write_to_a_form_or_a_service():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for name, path in modules(*APPS)
        if is_view(name)
        for line in writes(tree_of(path))
    ]
    assert wrong == []


def test_no_module_has_a_name_that_says_nothing():
    assert [name for name, _ in modules(*APPS) if BANNED & set(name.split("."))] == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)", []),
        ("Doctor.objects.listed().filter(department=department)", []),
        ("Patient.objects.filter(pk=pk)", [1]),
        ("get_object_or_404(Patient, pk=pk)\nPatient.objects.all()", [1, 2]),
        ("rows = Patient.objects\nrows.visible_to(user)", [1]),
    ],
)
def test_the_check_for_unscoped_rows_sees_what_it_should(code, lines):
    assert sorted(unscoped(ast.parse(code))) == lines


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("form.save()", []),
        ("services.create(by=user)", []),
        ("request.session.update(a=1)", []),
        ("patient.save()", [1]),
        ("Patient.objects.visible_to(user).update(name='x')", [1]),
        ("patient.allergies.create(name='x')", [1]),
    ],
)
def test_the_check_for_writing_views_sees_what_it_should(code, lines):
    assert list(writes(ast.parse(code))) == lines


@pytest.mark.parametrize(
    ("importer", "name", "may"),
    [
        ("records.views", "scheduling.models", True),
        ("scheduling.services", "records.models", False),
        ("accounts.models", "hms.lib.errors", True),
        ("accounts.wake", "hms.celery", False),
        ("hms.lib.when", "clinic.models", False),
        ("hms.lib.when", "hms.settings", False),
        ("hms.views", "records.models", True),
    ],
)
def test_the_check_for_imports_sees_what_it_should(importer, name, may):
    assert allowed(importer, name) is may
