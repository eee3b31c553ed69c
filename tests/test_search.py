"""Search on both databases: what is written is found, by whatever an agent types."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from sqlalchemy import text as sql
from sqlmodel import Session, select

from socialdesk import cases, clock, customers, replies, search
from socialdesk.accounts import Account
from socialdesk.cases import Case
from socialdesk.casework import notes
from socialdesk.customers import Profile
from socialdesk.database import Database
from socialdesk.desk import Desk
from socialdesk.errors import TooLong
from socialdesk.messages import Incoming, Message, clean
from socialdesk.replying import drafts, outbox
from socialdesk.search import Results, Source, beginnings, matching, patience, queries, rarity
from socialdesk.search.patience import NotToTheEnd, Patience
from tests.conftest import Cast
from tests.stories import KENJI, MARIA, PAVEL, arrive, post

HOSTILE = [
    '" OR *',
    "NEAR(a b)",
    "words:paquete",
    "paquete AND",
    "paquete NOT",
    "!",
    "paquete & !",
    "paquete:*",
    "\\",
    "'",
    "'; DROP TABLE messages; --",
    "%",
    "_",
    "{paquete}",
    "^paquete",
    "-paquete",
    "(paquete",
    "paquete | (",
    "<->",
    "\ud800paquete",
    "\0",
    "paquete\0",
    "x" * 10_000,
    "paquete " * 1_250,
    "…?!«»",
    "👍",
    "",
    " ",
]


def write(desk: Desk, *incoming: Incoming) -> None:
    """Let the messages arrive, and index those that intake has not."""
    arrive(desk, *incoming)
    texts = {each.x_id: clean(each.text) for each in incoming}
    with desk.database.transaction() as session:
        found = session.exec(select(Message).where(Message.x_id.in_(texts)))  # type: ignore[attr-defined]
        ids = {message.id or 0: texts[message.x_id] for message in found}
        search.forget(session, ids.keys())
        search.index(session, search.Source.MESSAGE, dict(sorted(ids.items())))


def find(desk: Desk, query: str, **asked: object) -> Results:
    with desk.database.reading() as session:
        return search.find(session, query, **asked)  # type: ignore[arg-type]


def excerpts(results: Results) -> list[str]:
    return ["".join(piece.text for piece in hit.excerpt) for hit in results.hits]


def marks(results: Results) -> list[str]:
    """The words told apart, in all places of all hits."""
    places = [place for hit in results.hits for place in (hit.handle, hit.name, hit.excerpt)]
    return [piece.text for place in places for piece in place if piece.matches]


def newest_case(session: Session) -> Case:
    return cases.hold(session, max(each for each in session.exec(select(Case.id)) if each))


@pytest.mark.parametrize(
    ("written", "typed", "marked"),
    [
        ("¿Dónde está mi PAQUETE?", "paquete donde", ["Dónde", "PAQUETE"]),
        ("Wo ist die Straße nach Łódź", "lodz STRASSE", ["Straße", "Łódź"]),
        ("Kargom ışıkta, İzmir'de", "izmir isikta", ["ışıkta", "İzmir"]),
        ("先週注文した靴がまだ届いていません", "靴", ["靴"]),
        ("先週注文した靴がまだ届いていません", "届いて", ["届いて"]),
        ("先週注文した靴", "文した靴", ["文した靴"]),
        ("ガラスが割れていました", "ｶﾞﾗｽ", ["ガラス"]),
        ("السلام عليكم، الطَّلَبُ تأخّر", "الطلب تاخر", ["الطَّلَبُ", "تأخّر"]),
        ("ذهبت إلى المدرسة", "الي المدرسه", ["إلى", "المدرسة"]),
        ("Order 402-998, please", "402-998", ["402-998"]),
        ("Mijn pakketje", "pak", ["pak"]),
        ("hello world", "hello wor", ["hello", "wor"]),
        ("l'ordre n'est pas arrivé", "L'ORDRE", ["l'ordre"]),
        ("my email is wrong", "e-mail", ["email"]),
        ("it dont work", "don’t", ["dont"]),
        ("Frau Mueller wartet", "müller", ["Mueller"]),
        ("Frau Müller wartet", "MÜLLER", ["Müller"]),
        ("الطـــلب لم يصل", "الطلب", ["الطـــلب"]),
        ("رقم ١٢٣٤٥", "12345", ["١٢٣٤٥"]),
        ("ご注文番号１２３４５", "12345", ["１２３４５"]),
        ("KIRIK IŞIK", "kırık ışık", ["KIRIK", "IŞIK"]),
        ("Můj balík řekněte Łukaszowi", "reknete luk", ["řekněte", "Łuk"]),
        ("she said not now", '"not now" -she', ["she", "not", "now"]),
    ],
)
def test_words_are_found_however_they_are_written(
    desk: Desk, written: str, typed: str, marked: list[str]
) -> None:
    write(desk, post(MARIA, written), post(PAVEL, "Something else altogether"))
    found = find(desk, typed)
    assert excerpts(found) == [written]
    assert marks(found) == marked


@pytest.mark.parametrize(
    "typed", ["aquete", "paquet x", "paquete lunes viernes", "402-999", "文靴", "está-mi-el", "40-2998"]
)
def test_what_is_not_written_is_not_found(desk: Desk, typed: str) -> None:
    write(
        desk,
        post(MARIA, "¿Dónde está mi paquete? Lo espero desde el lunes. 402-998 999"),
        post(KENJI, "注文した靴"),
    )
    assert find(desk, typed).hits == []


@pytest.mark.parametrize("typed", ["402-1234567-7654321", "40212345677654321", "402 1234567 7654321"])
@pytest.mark.parametrize("written", ["402-1234567-7654321", "40212345677654321"])
def test_an_order_number_is_found_with_and_without_its_dashes(desk: Desk, written: str, typed: str) -> None:
    write(desk, post(MARIA, f"Where is {written}?"), post(PAVEL, "402-1234567-7654322"))
    spaced = " " in typed and "-" not in written
    assert len(find(desk, typed).hits) == (0 if spaced else 1)
    far_away(desk)
    assert len(find(desk, typed).hits) == (0 if spaced else 1)


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_is_typed_is_never_an_order_to_the_database(desk: Desk, typed: str) -> None:
    write(desk, post(MARIA, "¿Dónde está mi paquete?"))
    far_away(desk)
    found = find(desk, typed)
    assert len(found.hits) == (
        "paquete" in typed and not any(word in typed for word in ("words", "AND", "NOT"))
    )
    assert find(desk, "paquete").hits


def far_away(desk: Desk) -> None:
    """So many newer entries that older ones are only found by the index."""
    with desk.database.transaction() as session:
        search.index(
            session, Source.CUSTOMER, dict.fromkeys(range(100000, 100100 + matching.RECENT), "nobody")
        )


def test_hits_come_newest_first_and_each_case_once(desk: Desk) -> None:
    thread = post(MARIA, "parcel one", minutes=1)
    write(desk, thread, post(PAVEL, "parcel two", minutes=2))
    write(desk, post(MARIA, "parcel three", minutes=3, conversation=thread.x_id))
    assert excerpts(find(desk, "parcel")) == ["parcel three", "parcel two"]
    assert excerpts(find(desk, "one")) == ["parcel one"]


@pytest.mark.parametrize("older", [False, True])
def test_paging_shows_every_case_once(desk: Desk, older: bool) -> None:
    people = [str(5000 + number) for number in range(15)]
    threads = [post(person, "my parcel", minutes=at) for at, person in enumerate(people)]
    write(desk, *threads)
    write(
        desk,
        *(post(each.author_x_id, "the parcel", minutes=30, conversation=each.x_id) for each in threads[::3]),
    )
    if older:
        far_away(desk)
    seen: list[int | None] = []
    before = None
    for _ in range(10):
        page = find(desk, "parcel", limit=4, before=before)
        seen += [hit.case.id for hit in page.hits]
        before = page.next
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 15


def test_old_words_are_found_behind_thousands_of_newer_ones(desk: Desk) -> None:
    write(desk, post(MARIA, "my kettle and boots"), post(PAVEL, "a kettle"), post(KENJI, "注文した靴"))
    far_away(desk)
    assert excerpts(find(desk, "kettle boo")) == ["my kettle and boots"]
    assert len(find(desk, "kett").hits) == 2
    assert excerpts(find(desk, "注文し")) == ["注文した靴"]
    assert excerpts(find(desk, "靴")) == ["注文した靴"]
    assert find(desk, "zzyzx").hits == []


@pytest.mark.parametrize("many", [False, True])
def test_old_words_are_found_by_their_beginning_however_many_begin_so(desk: Desk, many: bool) -> None:
    number = beginnings.MOST + 3 if many else beginnings.MOST
    words = [f"quo{chr(ord('a') + at)}" for at in range(number)]
    people = [str(7000 + at) for at in range(number)]
    write(desk, *(post(person, f"my {word}") for person, word in zip(people, words, strict=True)))
    write(desk, post(MARIA, "my quip"), post(PAVEL, "my quay"))
    for older in (False, True):
        if older:
            far_away(desk)
        assert len(find(desk, "quo", limit=50).hits) == len(find(desk, "my quo", limit=50).hits) == number
        assert excerpts(find(desk, "quoa")) == ["my quoa"]
        assert find(desk, "quozzz").hits == find(desk, "my quozzz").hits == []


def test_customers_are_found_by_name_and_handle_with_all_their_cases(desk: Desk) -> None:
    write(desk, post(MARIA, "first"), post(MARIA, "second"), post(PAVEL, "third"))
    with desk.database.transaction() as session:
        customers.learn(
            session, [Profile(MARIA, "maria_g", "María García"), Profile(PAVEL, "pavel", "Pavel")]
        )
    assert sorted(excerpts(find(desk, "garcia"))) == ["first", "second"]
    assert sorted(excerpts(find(desk, "@Maria_G"))) == ["first", "second"]
    assert sorted(excerpts(find(desk, "@mari"))) == ["first", "second"]
    assert excerpts(find(desk, "@garcia")) == []
    assert "maria_g" in marks(find(desk, "maria_g"))


def test_a_changed_name_is_found_and_the_old_one_is_not(desk: Desk) -> None:
    write(desk, post(MARIA, "hello"))
    for handle, name in (("maria", "María"), ("mgarcia", "Señora García")):
        with desk.database.transaction() as session:
            customers.learn(session, [Profile(MARIA, handle, name)])
    assert len(find(desk, "senora").hits) == len(find(desk, "@mgarcia").hits) == 1
    assert find(desk, "maria").hits == find(desk, "@maria").hits == []


@pytest.mark.parametrize(
    "form", ["{}", "https://x.com/maria/status/{}", "x.com/i/web/status/{}?s=20", " {} "]
)
def test_a_message_is_found_by_its_whole_id(desk: Desk, form: str) -> None:
    message = post(MARIA, "hello")
    write(desk, message, post(PAVEL, "other"))
    assert excerpts(find(desk, form.format(message.x_id))) == ["hello"]
    assert find(desk, form.format(message.x_id[:-1])).hits == []


def test_a_customer_is_found_by_x_s_id(desk: Desk) -> None:
    write(desk, post(MARIA, "hello"), post(PAVEL, "other"))
    assert excerpts(find(desk, MARIA)) == ["hello"]


@pytest.mark.parametrize("before_it", [True, False])
def test_what_x_s_id_has_put_on_top_is_not_found_again_by_its_words(desk: Desk, before_it: bool) -> None:
    named = post(MARIA, "hello")
    quoting = post(MARIA, f"it is {named.x_id} again", minutes=1, conversation=named.x_id)
    others = [post(str(4000 + each), f"see {named.x_id} there", minutes=5 + each) for each in range(9)]
    write(desk, named, *((quoting, *others) if before_it else (*others, quoting)))
    found, before = [], None
    while True:
        page = find(desk, named.x_id, limit=3, before=before)
        found += [hit.case.id for hit in page.hits]
        before = page.next
        if before is None:
            break
    assert sorted(found) == list(range(1, 11))
    assert found[:3].count(1) == 1


def test_drafts_are_found_until_they_are_taken_back(desk: Desk, cast: Cast) -> None:
    write(desk, post(MARIA, "Where is it?"))
    with desk.database.transaction() as session:
        drafts.write(session, newest_case(session), text="We shall look", by=cast.ana)
    with desk.database.transaction() as session:
        draft = drafts.write(session, newest_case(session), text="We are sorry", by=cast.ana)
    assert excerpts(find(desk, "sorry")) == ["We are sorry"]
    assert find(desk, "shall").hits == []
    with desk.database.transaction() as session:
        replies.cancel(session, replies.find(session, draft.id or 0), by=cast.ana)
    assert find(desk, "sorry").hits == []


def test_what_was_sent_is_found_as_a_message(desk: Desk, cast: Cast) -> None:
    write(desk, post(MARIA, "Where is it?"))
    with desk.database.transaction() as session:
        draft = drafts.write(session, newest_case(session), text="We are sorry", by=cast.ana)
        replies.approve(session, draft, by=cast.ana)
        outgoing = outbox.claim(session, 1)
        assert outgoing
        outbox.sent(session, outgoing, x_id="1999000000000000001", at=clock.now())
    (hit,) = find(desk, "sorry").hits
    assert (hit.source, hit.ours) == (Source.MESSAGE, True)


def test_what_is_forgotten_is_not_found(desk: Desk) -> None:
    write(desk, post(MARIA, "my card number"), post(PAVEL, "my card"))
    with desk.database.transaction() as session:
        search.forget(session, [1])
    assert len(find(desk, "card").hits) == 1
    far_away(desk)
    assert len(find(desk, "card").hits) == 1
    with desk.database.reading() as session:
        assert list(
            session.exec(select(search.SearchEntry.source_id).where(search.SearchEntry.source == "message"))
        ) == [2]


def test_what_was_never_committed_is_not_found(desk: Desk) -> None:
    write(desk, post(MARIA, "hello"))
    with pytest.raises(ZeroDivisionError), desk.database.transaction() as session:
        customers.learn(session, [Profile(MARIA, "maria", "María")])
        session.flush()
        _ = 1 / 0
    with desk.database.transaction():
        pass
    assert find(desk, "maria").hits == []


def test_other_accounts_cases_can_be_left_out(desk: Desk) -> None:
    message = post(MARIA, "hello parcel")
    write(desk, message)
    with desk.database.transaction() as session:
        customers.learn(session, [Profile(MARIA, "maria", "María")])
        other = Account(handle="Other", credentials="OTHER", enrolled_at=clock.now())
        session.add(other)
    for query in ("parcel", "maria", "@maria", message.x_id, MARIA):
        assert len(find(desk, query, account_ids=[1]).hits) == 1
        assert find(desk, query, account_ids=[other.id]).hits == []


@pytest.mark.parametrize("typed", ["", "a", "a b", "7", "?!", "@_", "é"])
def test_too_little_to_go_by_is_told(desk: Desk, typed: str) -> None:
    assert find(desk, typed).too_short == (typed != "7")


def test_a_long_text_is_cut_around_what_matches(desk: Desk) -> None:
    write(desk, post(MARIA, "lorem " * 500 + "the kettle " + "ipsum " * 500))
    (told,) = excerpts(find(desk, "kettle"))
    assert len(told) < 260
    assert told.startswith("…lorem")
    assert told.endswith("…")
    assert marks(find(desk, "kettle")) == ["kettle"]


@given(
    written=some.lists(some.text(some.characters(exclude_categories=("Cs", "Cc"))), min_size=1, max_size=4)
)
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_word_of_a_text_finds_it(database: Database, written: list[str]) -> None:
    with database.transaction() as session:
        session.connection().execute(sql("DELETE FROM search_entries"))
        search.index(session, Source.MESSAGE, dict(enumerate(written)))
    for at, text in enumerate(written):
        for word in text.split():
            assert_found(database, word, at)


def all_of(batches: matching.Batches) -> list[matching.Match]:
    return [match for batch in batches for match in batch]


def assert_found(database: Database, word: str, source_id: int) -> None:
    """Both among the newest entries and by the index."""
    wanted = queries.parse(word)
    if wanted is None or wanted.handle or not wanted.clauses or "/status" in word:
        return
    with database.reading() as session, unhurried(session) as left:
        asked = matching.Asked(session, wanted)
        read = all_of(matching.recent(asked, top=2**31 - 1, below=2**31 - 1))
        looked_up = all_of(matching.looked_up(asked, wanted.clauses, left, below=2**31 - 1))
    assert read == looked_up
    assert source_id in {match.source_id for match in read}


def unhurried(session: Session) -> AbstractContextManager[Patience]:
    """However busy the machine is."""
    return patience.within(session, 60, enough=60, planned_by=matching.PLANNED_BY)


def test_other_spellings_do_not_undo_the_other_words() -> None:
    """On both databases "and" binds closer than "or": else every text with "dont" would be read."""
    wanted = queries.parse("it don't work")
    assert wanted
    assert matching._gin(wanted.clauses) == "#it & ((#don & #t) | (#dont)) & #work:*"
    assert matching._fts5(wanted.clauses) == '"it" AND (("don" AND "t") OR ("dont")) AND "work" *'


FAR_APART = [1, 9, 32_767, 32_768, 400_000, 1_000_000, 16_777_216]


def write_far_apart(desk: Desk) -> None:
    with desk.database.transaction() as session:
        for each in FAR_APART:
            entry = {"id": each, "words": " the kettle boots "}
            session.connection().execute(
                sql("INSERT INTO search_entries VALUES (:id, 'note', :id, :words)"), entry
            )
            if desk.database.is_sqlite:
                session.connection().execute(
                    sql("INSERT INTO search_words (rowid, words) VALUES (:id, :words)"), entry
                )


def test_the_index_tells_newest_first_from_all_its_stretches(desk: Desk) -> None:
    """PostgreSQL's is asked for 32,768 entries at a time."""
    write_far_apart(desk)
    for typed in ("kettle", "kett", "the kettle bo", "kettle-boots"):
        wanted = queries.parse(typed)
        assert wanted
        with desk.database.reading() as session, unhurried(session) as left:
            asked = matching.Asked(session, wanted)
            found = all_of(matching.looked_up(asked, wanted.clauses, left, below=2**31 - 1))
            assert [each.id for each in found] == FAR_APART[::-1]
            below = all_of(matching.looked_up(asked, wanted.clauses, left, below=32_768))
            assert [each.id for each in below] == [32_767, 9, 1]


@pytest.mark.parametrize("typed", ["kettle", "the kettle bo", "kettle-boots"])
def test_who_goes_on_where_a_search_had_enough_finds_each_once(desk: Desk, typed: str) -> None:
    """With no time at all each part reads on, if only a little."""
    write_far_apart(desk)
    wanted = queries.parse(typed)
    assert wanted
    found: list[int] = []
    ends: list[int | None] = [None]
    with desk.database.reading() as session, patience.within(session, 60, enough=0) as left:
        asked = matching.Asked(session, wanted)
        while True:
            try:
                for batch in matching.newest_first(asked, ends[-1], left):
                    found += [each.id for each in batch]
                break
            except NotToTheEnd as stopped:
                ends.append(stopped.below)
    assert found == FAR_APART[::-1]
    told = [each for each in ends if each is not None]
    assert told == sorted(set(told), reverse=True)
    assert len(told) > 1


def test_a_thread_that_says_it_a_thousand_times_hides_no_other_case(desk: Desk) -> None:
    thread = post(MARIA, "my parcel")
    write(desk, post(PAVEL, "a parcel"), thread)
    write(desk, *(post(MARIA, "parcel!", minutes=1, conversation=thread.x_id) for _ in range(300)))
    assert excerpts(find(desk, "parcel")) == ["parcel!", "a parcel"]


@pytest.mark.parametrize(
    "typed", ["https://x.com/Maria_G", "twitter.com/maria_g/?s=21", "@maria_g", "＠maria_g"]
)
def test_the_address_of_a_profile_is_its_handle(desk: Desk, typed: str) -> None:
    write(desk, post(MARIA, "first"), post(PAVEL, "maria_g said so"))
    with desk.database.transaction() as session:
        customers.learn(session, [Profile(MARIA, "maria_g", "María García")])
    assert excerpts(find(desk, typed)) == ["first"]


def test_notes_are_not_shown_again_on_the_following_page(desk: Desk, cast: Cast) -> None:
    write(desk, post(PAVEL, "a parcel"), post(MARIA, "my parcel", minutes=1))
    with desk.database.transaction() as session:
        notes.write(session, newest_case(session), text="the parcel is found", by=cast.ana)
    first = find(desk, "parcel", limit=1)
    assert excerpts(first) == ["the parcel is found"]
    assert excerpts(find(desk, "parcel", limit=5, before=first.next)) == ["a parcel"]


def test_of_common_and_rare_words_the_rare_ones_are_looked_up(desk: Desk) -> None:
    write(desk, *(post(str(6000 + number), "the kettle", minutes=number) for number in range(30)))
    write(desk, post(MARIA, "the quokka", minutes=40))
    clauses = [((("the", False),),), ((("quokka", True),),)]
    with desk.database.reading() as session:
        assert rarity.telling(session, clauses, 2**31 - 1) == [((("quokka", True),),)]
        assert rarity.telling(session, clauses[:1], 2**31 - 1) == clauses[:1]
    far_away(desk)
    assert excerpts(find(desk, "the quokka")) == ["the quokka"]
    assert len(find(desk, "the kett").hits) == 20


SLOW = (
    "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 2000000000)"
    " SELECT count(*) FROM up"
)


def test_what_takes_too_long_is_given_up(desk: Desk) -> None:
    with (
        pytest.raises(TooLong, match="takes too long"),
        desk.database.reading() as session,
        patience.within(session, 0.05),
    ):
        session.connection().execute(sql(SLOW))
    write(desk, post(MARIA, "my parcel"))
    assert len(find(desk, "parcel").hits) == 1


def test_many_short_statements_take_no_longer_than_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    write(desk, post(MARIA, "my parcel"))
    monkeypatch.setattr(patience, "LONGEST_SECONDS", 0.0)
    with pytest.raises(TooLong):
        find(desk, "parcel")
