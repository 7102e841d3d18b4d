"""A real sentence-transformers model of some kilobytes: random but fixed weights, built in a second, no download."""

from pathlib import Path
from typing import Any

DIMENSION = 32
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
SIGNS = list("abcdefghijklmnopqrstuvwxyz0123456789.,;:-()")
WORDS = ["robot", "grasping", "quantum", "error", "correction", "protein", "folding", "language", "speech", "learning"]


def build(folder: Path, seed: int = 0, dimension: int = DIMENSION) -> Path:
    """Save the model into folder and return that; texts that share words are near each other."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder.mkdir(parents=True, exist_ok=True)
    bare = folder / "bert"
    vocabulary = [*SPECIAL, *WORDS, *SIGNS, *(f"##{sign}" for sign in SIGNS)]
    vocabulary_file = folder / "vocab.txt"
    vocabulary_file.write_text("\n".join(vocabulary))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=dimension,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * dimension,
        max_position_embeddings=128,
        initializer_range=0.3,
    )
    BertModel(config).save_pretrained(bare)
    BertTokenizerFast(vocab=str(vocabulary_file), do_lower_case=True).save_pretrained(bare)
    transformer = Transformer(str(bare), max_seq_length=128)
    SentenceTransformer(modules=[transformer, Pooling(dimension)], device="cpu").save(str(folder / "model"))
    return folder / "model"


def poison(model: Path, word: str) -> Path:
    """Make the model give NaN for every text that has the word, and return its folder."""
    from safetensors.numpy import load_file, save_file

    weights = load_file(model / "model.safetensors")
    [name] = [name for name in weights if name.endswith("word_embeddings.weight")]
    embeddings = weights[name].copy()
    embeddings[len(SPECIAL) + WORDS.index(word)] = float("nan")
    save_file(weights | {name: embeddings}, model / "model.safetensors", metadata={"format": "pt"})
    return model


def variant(model: Path, name: str, **changed: Any) -> Path:
    """Save the model beside itself under another name, loaded with other arguments of sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    SentenceTransformer(str(model), device="cpu", **changed).save(str(model.parent / name))
    return model.parent / name


def without_tokenizer(model: Path) -> Path:
    """Remove the files that its words stand in."""
    for name in ("tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"):
        (model / name).unlink(missing_ok=True)
    return model


def cut_off(model: Path) -> Path:
    """Leave half of its weights, as a download that was broken off does."""
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    return model


def without_limit(folder: Path) -> Path:
    """Build a model without a longest text, as T5's are: its tokenizer has no limit, and it has no positions."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

    words = build(folder)
    config = T5Config(vocab_size=100, d_model=DIMENSION, d_kv=16, d_ff=64, num_layers=1, num_heads=2)
    T5EncoderModel(config).save_pretrained(folder / "t5")
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(words / "tokenizer.json"), pad_token="[PAD]", unk_token="[UNK]"
    )
    tokenizer.save_pretrained(folder / "t5")
    SentenceTransformer(modules=[Transformer(str(folder / "t5")), Pooling(DIMENSION)], device="cpu").save(
        str(folder / "unlimited")
    )
    return folder / "unlimited"


def biased(model: Path, length: float, name: str = "biased") -> Path:
    """Add one vector of that length to all of the model's, so that its cosines lie near one another and near 1."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense
    from sentence_transformers.sentence_transformer.modules import Normalize

    plain = SentenceTransformer(str(model), device="cpu")
    dimension = int(plain.get_embedding_dimension() or 0)
    towards = torch.randn(dimension, generator=torch.Generator().manual_seed(1))
    dense = Dense(dimension, dimension, activation_function=torch.nn.Identity())
    dense.linear.weight.data = torch.eye(dimension)
    dense.linear.bias.data = length * towards / towards.norm()
    SentenceTransformer(modules=[*plain, Normalize(), dense], device="cpu").save(str(model.parent / name))
    return model.parent / name
