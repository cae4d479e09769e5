"""Public layouts of cropped words, written here as their authors publish them, become folders of ours."""

import io
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from glyphic.core.errors import GlyphicError, MissingExtraError, OptionError, UnknownNameError
from glyphic.data.archives import Labelled, read_lmdb, read_tar, suffix_of, write_lmdb, write_tar
from glyphic.data.readers import READERS, convert
from glyphic.data.samples import read_folder, read_lexicons


def picture(seed=0, size=(40, 16), form="PNG"):
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def converted(layout, source, out):
    samples = list(convert(layout, source, out))
    folder = read_folder(out)
    assert [s.path.read_bytes() for s in folder] == [s.picture for s in samples]
    return folder


def test_icdar_2013_and_2015_lines_are_read_with_their_quotes_and_commas(tmp_path):
    for i in range(1, 6):
        (tmp_path / f"word_{i}.png").write_bytes(picture(i))
    (tmp_path / "gt.txt").write_bytes(
        '\ufeffword_1.png, "Genaxis Theatre"\r\nword_2.png, "a, \\"b\\""\r\nword_3.png, "###"\r\n\r\n'
        'word_4.png, "CAFÉ"\r\nword_5.png, "\\\\"\r\n'.encode())
    (tmp_path / "coords.txt").write_text("word_1.png,1,2,3,4,5,6,7,8\n")
    folder = converted("icdar2015", tmp_path / "gt.txt", tmp_path / "out")
    assert [s.text for s in folder] == ["Genaxis Theatre", 'a, "b"', "CAFÉ", "\\"]


def test_a_broken_line_of_gt_is_named(tmp_path):
    (tmp_path / "gt.txt").write_text("word_1.png Genaxis\n")
    with pytest.raises(GlyphicError, match=r"gt.txt, line 1: a line is word_1.png"):
        list(convert("icdar2013", tmp_path / "gt.txt", tmp_path / "out"))
    assert not (tmp_path / "out" / "labels.tsv").exists()


def test_a_picture_that_is_missing_is_named(tmp_path):
    (tmp_path / "gt.txt").write_text('word_1.png, "a"\n')
    with pytest.raises(GlyphicError, match=r"word_1.png"):
        list(convert("icdar2013", tmp_path / "gt.txt", tmp_path / "out"))


def test_icdar_2003_is_read_from_its_word_xml(tmp_path):
    (tmp_path / "word" / "1").mkdir(parents=True)
    (tmp_path / "word" / "1" / "1.jpg").write_bytes(picture(form="JPEG"))
    (tmp_path / "word.xml").write_bytes(
        '<?xml version="1.0" encoding="ISO-8859-1"?><imagelist><image file="word/1/1.jpg" tag="Caf\xe9 &amp; Co" />'
        "</imagelist>".encode("latin-1"))
    [sample] = converted("icdar2003", tmp_path / "word.xml", tmp_path / "out")
    assert sample.text == "Café & Co" and sample.path.suffix == ".jpg"


def test_the_words_of_svt_are_cut_out_and_keep_the_lexicon_of_their_picture(tmp_path):
    (tmp_path / "img").mkdir()
    whole = picture(size=(100, 60))
    (tmp_path / "img" / "14_03.png").write_bytes(whole)
    (tmp_path / "train.xml").write_text(
        "<tagset><image><imageName>img/14_03.png</imageName><address>SW Stark</address>"
        '<lex>LIVING,ROOM, THEATERS</lex><Resolution x="100" y="60"/><taggedRectangles>'
        '<taggedRectangle height="20" width="30" x="10" y="5"><tag>LIVING</tag></taggedRectangle>'
        '<taggedRectangle height="90" width="30" x="80" y="-5"><tag>ROOM</tag></taggedRectangle>'
        "</taggedRectangles></image></tagset>")
    folder = converted("svt", tmp_path / "train.xml", tmp_path / "out")
    assert [s.text for s in folder] == ["LIVING", "ROOM"]
    pixels = np.asarray(Image.open(io.BytesIO(whole)))
    np.testing.assert_array_equal(np.asarray(Image.open(folder[0].path)), pixels[5:25, 10:40])
    np.testing.assert_array_equal(np.asarray(Image.open(folder[1].path)), pixels[:, 80:])
    assert set(read_lexicons(tmp_path / "out").values()) == {("LIVING", "ROOM", "THEATERS")}
    assert len(read_lexicons(tmp_path / "out")) == 2


def test_iiit5k_is_read_from_its_mat_file(tmp_path):
    scipy = pytest.importorskip("scipy.io")
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "1_1.png").write_bytes(picture())
    cells = np.empty((1, 2), object)
    cells[0, :] = ["YOU", "ARE"]
    kind = [("ImgName", object), ("GroundTruth", object), ("smallLexi", object), ("mediumLexi", object)]
    rows = np.array([[("train/1_1.png", "You", cells, cells)]], dtype=kind)
    scipy.savemat(tmp_path / "traindata.mat", {"traindata": rows})
    [sample] = converted("iiit5k", tmp_path / "traindata.mat", tmp_path / "out")
    assert sample.text == "You" and read_lexicons(tmp_path / "out") == {"images/000000.png": ("YOU", "ARE")}


@pytest.mark.parametrize(("layout", "module"), [("iiit5k", "scipy.io"), ("lmdb", "lmdb")])
def test_a_missing_package_is_named_with_its_extra(layout, module, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'glyphic\[data\]'"):
        list(convert(layout, tmp_path, tmp_path / "out"))


def test_what_is_no_mat_file_is_said_to_be_none(tmp_path):
    pytest.importorskip("scipy.io")
    (tmp_path / "traindata.mat").write_bytes(b"nonsense")
    with pytest.raises(GlyphicError, match="not read as IIIT5K"):
        list(convert("iiit5k", tmp_path / "traindata.mat", tmp_path / "out"))


SAMPLES = [Labelled(picture(1), "Hello"), Labelled(picture(2, form="JPEG"), "two  words"), Labelled(picture(3), "é")]


@pytest.mark.parametrize(("layout", "write", "read"), [("tar", write_tar, read_tar), ("lmdb", write_lmdb, read_lmdb)])
def test_an_archive_gives_back_what_was_put_in(layout, write, read, tmp_path):
    if layout == "lmdb":
        pytest.importorskip("lmdb")
    assert write(tmp_path / "archive", SAMPLES) == 3
    found = list(read(tmp_path / "archive"))
    assert [(s.picture, s.text) for s in found] == [(s.picture, s.text) for s in SAMPLES]
    folder = converted(layout, tmp_path / "archive", tmp_path / "out")
    assert [s.text for s in folder] == ["Hello", "two words", "é"]  # one space: a label is one line of single spaces
    assert [s.path.suffix for s in folder] == [".png", ".jpg", ".png"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=6))
def test_any_text_survives_a_tar(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("tar") / "x.tar"
    write_tar(path, [Labelled(SAMPLES[0].picture, text) for text in texts])
    assert [s.text for s in read_tar(path)] == texts


def test_the_same_samples_give_the_same_tar(tmp_path):
    write_tar(tmp_path / "a", SAMPLES)
    write_tar(tmp_path / "b", SAMPLES)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_damaged_tar_and_half_a_sample_are_refused(tmp_path):
    import tarfile

    write_tar(tmp_path / "whole.tar", SAMPLES)
    (tmp_path / "half.tar").write_bytes((tmp_path / "whole.tar").read_bytes()[:700])
    with pytest.raises(GlyphicError, match=r"half.tar"):
        list(read_tar(tmp_path / "half.tar"))
    with tarfile.open(tmp_path / "lone.tar", "w") as archive:
        member = tarfile.TarInfo("folder/a.b.png")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"abc"))
    with pytest.raises(GlyphicError, match="folder/a has no text"):
        list(read_tar(tmp_path / "lone.tar"))


def test_an_lmdb_of_another_layout_is_refused(tmp_path):
    lmdb = pytest.importorskip("lmdb")
    with lmdb.open(str(tmp_path / "other")) as environment, environment.begin(write=True) as transaction:
        transaction.put(b"x", b"y")
    with pytest.raises(GlyphicError, match="num-samples"):
        list(read_lmdb(tmp_path / "other"))
    write_lmdb(tmp_path / "short", SAMPLES)
    with lmdb.open(str(tmp_path / "short")) as environment, environment.begin(write=True) as transaction:
        transaction.delete(b"label-000000002")
    with pytest.raises(GlyphicError, match="lacks number 2 of its 3"):
        list(read_lmdb(tmp_path / "short"))


def test_a_folder_is_copied_with_its_lexicons(tmp_path):
    (tmp_path / "old" / "images").mkdir(parents=True)
    (tmp_path / "old" / "images" / "a.png").write_bytes(picture())
    (tmp_path / "old" / "labels.tsv").write_text("images/a.png\tINN\n")
    (tmp_path / "old" / "lexicons.tsv").write_text("images/a.png\tINN OUT\n")
    converted("folder", tmp_path / "old", tmp_path / "out")
    assert read_lexicons(tmp_path / "out") == {"images/000000.png": ("INN", "OUT")}


def test_a_folder_that_is_a_data_set_already_is_not_written_over(tmp_path):
    write_tar(tmp_path / "x.tar", SAMPLES)
    converted("tar", tmp_path / "x.tar", tmp_path / "out")
    with pytest.raises(OptionError, match="a data set already"):
        list(convert("tar", tmp_path / "x.tar", tmp_path / "out"))


def test_an_unknown_layout_lists_those_there_are(tmp_path):
    with pytest.raises(UnknownNameError, match=", ".join(sorted(READERS))):
        list(convert("mnist", tmp_path, tmp_path / "out"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_is_called_by_what_it_is(form):
    assert suffix_of(picture(form=form)) == {"JPEG": "jpg", "TIFF": "tif"}.get(form, form.lower())


def incipits(folder, *, suffix, form):
    """Two folders as PrIMuS has them, one of them a level deeper."""
    for number, place in enumerate(("package_aa/000100", "000200")):
        (folder / place).mkdir(parents=True)
        name = place.split("/")[-1]
        words = ("clef-G2", "keySignature-FM", f"note-C{number + 4}_half", "barline", "")
        (folder / place / f"{name}.semantic").write_text("\t".join(words))
        (folder / place / f"{name}.agnostic").write_text("clef.G-L2")
        (folder / place / (name + suffix)).write_bytes(picture(number, form=form))


@pytest.mark.parametrize(("layout", "suffix", "form"), [("primus", ".png", "PNG"),
                                                        ("camera-primus", "_distorted.jpg", "JPEG")])
def test_incipits_are_found_at_any_depth_with_the_pictures_of_their_layout(tmp_path, layout, suffix, form):
    incipits(tmp_path / "in", suffix=suffix, form=form)
    folder = converted(layout, tmp_path / "in", tmp_path / "out")
    assert [s.text for s in folder] == [f"clef-G2 keySignature-FM note-C{octave}_half barline" for octave in (5, 4)]
    assert {s.path.suffix for s in folder} == {suffix[-4:]}


def test_an_incipit_without_its_picture_and_a_folder_without_incipits_are_named(tmp_path):
    incipits(tmp_path / "in", suffix=".png", form="PNG")
    with pytest.raises(GlyphicError, match=r"000200_distorted.jpg"):
        list(convert("camera-primus", tmp_path / "in", tmp_path / "out"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(GlyphicError, match=r"holds no \*.semantic"):
        list(convert("primus", tmp_path / "empty", tmp_path / "out"))
