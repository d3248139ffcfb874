using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace EdgeAssist.Inference.Models;

/// <summary>
/// What a Whisper model file in ggml form holds, read without the native library: that one ends the process on much of what is
/// wrong in a file, so nothing reaches it that does not pass here. Form: whisper.cpp, models/convert-pt-to-ggml.py.
/// </summary>
internal sealed record GgmlFile
{
    private const uint Magic = 0x67676D6C;
    private const int Frequencies = 201;   // of 400 points at 16 kHz
    private const int QuantizationVersion = 1000;
    private const int LongestName = 128;

    /// <summary>Octets of a block and elements in it, by ggml's type.</summary>
    private static readonly ImmutableDictionary<int, (int Octets, int Elements)> Types = new Dictionary<int, (int, int)>
    {
        [0] = (4, 1), [1] = (2, 1), [2] = (18, 32), [3] = (20, 32), [6] = (22, 32), [7] = (24, 32), [8] = (34, 32),
        [10] = (84, 256), [11] = (110, 256), [12] = (144, 256), [13] = (176, 256), [14] = (210, 256),
    }.ToImmutableDictionary();

    /// <summary>ggml's type of the large tensors, by the file's.</summary>
    private static readonly ImmutableDictionary<int, int> FileTypes = new Dictionary<int, int>
    {
        [0] = 0, [1] = 1, [2] = 2, [3] = 3, [7] = 8, [8] = 6, [9] = 7, [10] = 10, [11] = 11, [12] = 12, [13] = 13, [14] = 14,
    }.ToImmutableDictionary();

    public required int Vocabulary { get; init; }

    public required int AudioContext { get; init; }

    public required int State { get; init; }

    public required int AudioLayers { get; init; }

    public required int TextContext { get; init; }

    public required int TextLayers { get; init; }

    /// <summary>80, or 128 in large-v3 and its kin.</summary>
    public required int MelBands { get; init; }

    /// <summary>[bands, 201], row-major.</summary>
    public required ImmutableArray<float> MelFilters { get; init; }

    /// <summary>True for a file without weights, as whisper.cpp's own tests use.</summary>
    public required bool IsStub { get; init; }

    public bool IsMultilingual => Vocabulary >= 51_865;

    /// <exception cref="ModelException">What is wrong, and where.</exception>
    public static GgmlFile Read(ReadOnlySpan<byte> file, string name)
    {
        var reader = new Reader(file, name);
        if (reader.Next("the magic number") != unchecked((int)Magic)) throw new ModelException($"{name} is no ggml file.");

        var vocabulary = reader.Next("the vocabulary's size", 51_864, 60_000);
        var audioContext = reader.Next("the audio context", 64, 4096);
        var state = reader.Next("the width", 32, 4096);
        var audioHeads = reader.Next("the encoder's heads", 1, 64);
        var audioLayers = reader.Next("the encoder's layers", 1, 64);
        var textContext = reader.Next("the text context", 32, 4096);
        var textState = reader.Next("the decoder's width", 32, 4096);
        var textHeads = reader.Next("the decoder's heads", 1, 64);
        var textLayers = reader.Next("the decoder's layers", 1, 64);
        var mels = reader.Next("the mel bands", 80, 128);
        var fileType = reader.Next("the type", 0, 14 + (9 * QuantizationVersion)) % QuantizationVersion;
        if (state != textState || state % audioHeads != 0 || state % textHeads != 0 || mels is not (80 or 128) || !FileTypes.TryGetValue(fileType, out var large))
            throw new ModelException($"{name}: the sizes in its head do not go together.");

        if (reader.Next("the mel filters") != mels || reader.Next("the mel filters") != Frequencies) throw new ModelException($"{name}: the mel filters are not {mels} by {Frequencies}.");
        var filters = reader.Floats(mels * Frequencies);
        var words = reader.Next("the number of words", 1, vocabulary);
        var hasBlank = false;
        for (var i = 0; i < words; i++) hasBlank |= reader.Octets(reader.Next("a word's length", 0, 1024)) is [(byte)' '];
        if (!hasBlank) throw new ModelException($"{name}: the vocabulary has no blank.");

        var wanted = new Shapes(state, mels, large, vocabulary, audioContext, audioLayers, textContext, textLayers).All;
        var found = Tensors(ref reader, wanted, name);
        if (found != 0 && found != wanted.Count) throw new ModelException($"{name} holds {found} of {wanted.Count} tensors.");

        return new GgmlFile
        {
            Vocabulary = vocabulary, AudioContext = audioContext, State = state, AudioLayers = audioLayers,
            TextContext = textContext, TextLayers = textLayers, MelBands = mels, MelFilters = filters, IsStub = found == 0,
        };
    }

    private static int Tensors(ref Reader reader, Dictionary<string, Shape> wanted, string name)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (!reader.AtEnd)
        {
            var dimensions = reader.Next("a tensor's dimensions", 1, 3);
            var length = reader.Next("a tensor's name", 1, LongestName);
            var type = reader.Next("a tensor's type");
            Span<int> sizes = [1, 1, 1];
            for (var i = 0; i < dimensions; i++) sizes[i] = reader.Next("a tensor's size", 1, int.MaxValue);
            var tensor = Encoding.ASCII.GetString(reader.Octets(length));

            if (!wanted.TryGetValue(tensor, out var shape)) throw new ModelException($"{name} holds a tensor \"{Printable(tensor)}\", which no Whisper has.");
            if (!found.Add(tensor)) throw new ModelException($"{name} holds {tensor} twice.");
            if (sizes[0] != shape.Inner || sizes[1] != shape.Middle || sizes[2] != shape.Outer || type != shape.Type)
                throw new ModelException($"{name}: {tensor} is [{sizes[0]}, {sizes[1]}, {sizes[2]}] of type {type}, not [{shape.Inner}, {shape.Middle}, {shape.Outer}] of type {shape.Type}.");
            reader.Octets(shape.Octets(name, tensor));
        }

        return found.Count;
    }

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '?'));

    private readonly record struct Shape(int Inner, int Middle, int Outer, int Type)
    {
        public long Octets(string file, string tensor)
        {
            var (octets, elements) = Types[Type];
            if (Inner % elements != 0) throw new ModelException($"{file}: {tensor} cannot be of that type.");
            return (long)Inner * Middle * Outer / elements * octets;
        }
    }

    /// <summary>The tensors of a Whisper of given sizes.</summary>
    private sealed class Shapes
    {
        private readonly int _state;
        private readonly int _large;

        public Shapes(int state, int mels, int large, int vocabulary, int audioContext, int audioLayers, int textContext, int textLayers)
        {
            (_state, _large) = (state, large);
            var half = large == 0 ? 0 : 1;
            All["encoder.positional_embedding"] = new Shape(state, audioContext, 1, 0);
            All["decoder.positional_embedding"] = new Shape(state, textContext, 1, 0);
            All["decoder.token_embedding.weight"] = new Shape(state, vocabulary, 1, large);
            All["encoder.conv1.weight"] = new Shape(3, mels, state, half);
            All["encoder.conv2.weight"] = new Shape(3, state, state, half);
            foreach (var bias in new[] { "encoder.conv1.bias", "encoder.conv2.bias" }) All[bias] = new Shape(1, state, 1, 0);
            Norm("encoder.ln_post");
            Norm("decoder.ln");
            for (var i = 0; i < audioLayers; i++) Block($"encoder.blocks.{i.ToString(CultureInfo.InvariantCulture)}.", "attn");
            for (var i = 0; i < textLayers; i++) Block($"decoder.blocks.{i.ToString(CultureInfo.InvariantCulture)}.", "attn", "cross_attn");
        }

        public Dictionary<string, Shape> All { get; } = new(StringComparer.Ordinal);

        private void Block(string block, params ReadOnlySpan<string> attentions)
        {
            foreach (var attention in attentions)
            {
                Norm($"{block}{attention}_ln");
                foreach (var part in new[] { "query", "key", "value", "out" }) All[$"{block}{attention}.{part}.weight"] = new Shape(_state, _state, 1, _large);
                foreach (var part in new[] { "query", "value", "out" }) All[$"{block}{attention}.{part}.bias"] = new Shape(_state, 1, 1, 0);
            }

            Norm($"{block}mlp_ln");
            All[$"{block}mlp.0.weight"] = new Shape(_state, 4 * _state, 1, _large);
            All[$"{block}mlp.0.bias"] = new Shape(4 * _state, 1, 1, 0);
            All[$"{block}mlp.2.weight"] = new Shape(4 * _state, _state, 1, _large);
            All[$"{block}mlp.2.bias"] = new Shape(_state, 1, 1, 0);
        }

        private void Norm(string name)
        {
            All[name + ".weight"] = new Shape(_state, 1, 1, 0);
            All[name + ".bias"] = new Shape(_state, 1, 1, 0);
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> file, string name)
    {
        private ReadOnlySpan<byte> _left = file;

        public readonly bool AtEnd => _left.IsEmpty;

        public int Next(string what)
        {
            if (_left.Length < 4) throw new ModelException($"{name} ends within {what}.");
            var value = BinaryPrimitives.ReadInt32LittleEndian(_left);
            _left = _left[4..];
            return value;
        }

        public int Next(string what, int least, int most)
        {
            var value = Next(what);
            return value >= least && value <= most ? value : throw new ModelException($"{name}: {what} cannot be {value}.");
        }

        public ReadOnlySpan<byte> Octets(long count)
        {
            if (count > _left.Length) throw new ModelException($"{name} ends {count - _left.Length} octets early.");
            var taken = _left[..(int)count];
            _left = _left[(int)count..];
            return taken;
        }

        public ImmutableArray<float> Floats(int count)
        {
            var octets = Octets(4L * count);
            var values = ImmutableArray.CreateBuilder<float>(count);
            for (var i = 0; i < count; i++) values.Add(BinaryPrimitives.ReadSingleLittleEndian(octets[(4 * i)..]));
            return values.MoveToImmutable();
        }
    }
}
