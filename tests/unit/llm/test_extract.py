"""Which sentences of an abstract the embedded writer takes, and for which section."""

from pipeline.llm.embedded.extract import choose

ABSTRACT = (
    "Image editing is a popular task.",
    "However, existing methods are slow.",
    "In this paper, we propose TileNet, a framework for image editing.",
    "Specifically, TileNet splits an image into tiles.",
    "This is a hard step.",
    "Experiments show that TileNet is better than other methods.",
    "It needs half of the time.",
    "TileNet improves the accuracy by 4.5%.",
    "Our code is available at https://example.org/tilenet.",
)


def test_sentences_go_to_their_sections() -> None:
    chosen = choose(ABSTRACT, "TileNet: Editing by Tiles")
    assert chosen.proposed == (2,)
    assert chosen.details == (3,)
    assert chosen.results == (7, 5)  # figures first


def test_background_and_what_points_back_are_left_out() -> None:
    said = {place for section in choose(ABSTRACT, "TileNet: Editing by Tiles") for place in section}
    assert said.isdisjoint({0, 1, 4, 6, 8})


def test_without_a_proposal_the_name_tells_what_is_the_papers_own() -> None:
    chosen = choose(("Tiles are small.", "TileNet splits an image.", "We analyse tiles."), "TileNet: Editing by Tiles")
    assert chosen == ((), (1, 2), ())


def test_an_empty_abstract_says_nothing() -> None:
    assert choose((), "A Title") == ((), (), ())
