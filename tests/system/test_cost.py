"""What a second layout of the same paper costs, over HTTP, by the endpoint's own usage fields."""

import json
from collections.abc import Iterator

import pytest

from pipeline.layouts import LAYOUTS
from tests.support.counting import STEP, CountingModel
from tests.support.world import DAY, World, write

ARGUMENTS = ("run", "--date", DAY, *(part for layout in LAYOUTS for part in ("--layout", layout)))


@pytest.fixture
def counting(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingModel]:
    """The world's model, and each byte of a prompt a token."""
    with CountingModel(write, str.encode) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
        monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")  # calls made at once would miss each other's cache
        yield model


def test_a_second_layout_is_read_from_the_cache(world: World, counting: CountingModel) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    assert world.run(*ARGUMENTS)[0] == 0
    first, *others = [world.record(layout)["entries"][0]["usage"] for layout in LAYOUTS]
    user = counting.calls[0]["messages"][1]["content"]
    task = len(user[user.index("Your task") :].encode())
    assert first["cached"] == 0
    assert all(first["input"] - task - usage["cached"] < STEP for usage in others)


def test_all_layouts_ask_alike_up_to_the_end_of_the_paper(world: World, counting: CountingModel) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    world.run(*ARGUMENTS)
    whole = {json.dumps([call["response_format"], call["messages"]]) for call in counting.calls}
    assert len(whole) == len(LAYOUTS)
    assert len({prompt.partition("</paper>\\n")[0] for prompt in whole}) == 1


def test_another_paper_finds_the_rules_in_the_cache(world: World, counting: CountingModel) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks", votes=2)
    world.sources.add(DAY, "2408.00002", "Beta Networks")
    world.run("run", "--date", DAY, "--layout", "sections")
    world.sources.add(DAY, "2408.00003", "Gamma Networks")
    world.run("run", "--date", DAY, "--layout", "sections")
    rules = len(json.dumps(counting.calls[0]["response_format"]["json_schema"]["schema"], separators=(",", ":")))
    rules += len(counting.calls[0]["messages"][0]["content"].encode())
    assert counting.counted[-1].cached >= rules - STEP
