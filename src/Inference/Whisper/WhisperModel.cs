using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Text;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Whisper;

/// <summary>
/// A Whisper model (Radford et al. 2022) in whisper.cpp: one set of weights for all workers, and a state (caches, mel) for
/// each utterance that runs, kept for the next one. The library's encoder and decoder are called step by step, so that
/// guards, cancellation and the choice of tokens are this program's own, the same as for the other engines.
/// </summary>
internal sealed class WhisperModel : IDisposable
{
    private const int SamplesPerPosition = 320;   // the encoder halves the mel's 10 ms

    private readonly WhisperLibrary _library;
    private readonly nint _context;
    private readonly ConcurrentBag<nint> _states = [];
    private readonly bool[] _unspeakable;
    private readonly int _vocabulary;

    /// <param name="library">Disposed with this.</param>
    /// <param name="octets">The file, checked by <see cref="GgmlFile.Read"/>.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="ModelException">The library refuses the model.</exception>
    public WhisperModel(WhisperLibrary library, ReadOnlySpan<byte> octets, string name)
    {
        File = GgmlFile.Read(octets, name);
        _library = library;
        _context = library.Open(octets);
        if (_context == 0) throw new ModelException($"The Whisper library {library.Path} ({library.Version}) refuses the model \"{name}\".");

        _vocabulary = library.Ask(_context, "n_vocab");
        (EndToken, BeginToken) = (library.Ask(_context, "token_eot"), library.Ask(_context, "token_sot"));
        (NoSpeechToken, NoTimestampsToken) = (library.Ask(_context, "token_nosp"), library.Ask(_context, "token_not"));
        (TranscribeToken, PreviousToken) = (library.Ask(_context, "token_transcribe"), library.Ask(_context, "token_prev"));
        var pieces = Enumerable.Range(0, EndToken).Select(token => _library.TokenOctets(_context, token).ToArray()).ToArray();
        _unspeakable = [.. pieces.Select(IsUnspeakable)];
        Text = TokenText.Of(pieces);
    }

    public GgmlFile File { get; }

    public TokenText Text { get; }

    public int BeginToken { get; }

    public int EndToken { get; }

    private int NoSpeechToken { get; }

    private int NoTimestampsToken { get; }

    private int TranscribeToken { get; }

    private int PreviousToken { get; }

    /// <summary>Encoder positions for so many samples: those heard, one second more, rounded up to 64, at least 256, at most all.</summary>
    public int FittedContext(int samples) =>
        Math.Min(File.AudioContext, Math.Max(256, ((samples / SamplesPerPosition) + 50 + 63) / 64 * 64));

    /// <summary>True when the model takes the language: every English model takes <c>en</c> alone.</summary>
    public bool Speaks(string language) => language is "" or "en"
        || (File.IsMultilingual && (language == "auto" || _library.LanguageToken(_context, language) >= 0));

    /// <summary>Hears the samples; the tokens come from what is returned.</summary>
    /// <exception cref="ModelException">The library failed.</exception>
    public Decoding Encode(ReadOnlyMemory<float> samples, SpeechContext context, CancellationToken cancellationToken)
    {
        var decoding = new Decoding(this, context);
        try
        {
            decoding.Hear(samples.Span, FittedContext(samples.Length));
            cancellationToken.ThrowIfCancellationRequested();
            decoding.Encode();
            return decoding;
        }
        catch
        {
            decoding.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var state in _states) _library.CloseState(state);
        _states.Clear();
        _library.Close(_context);
        _library.Dispose();
    }

    // Brackets, notes and the like start what nobody said: «[Music]», «(applause)», «♪». A bare hyphen or quote may begin nothing.
    private static bool IsUnspeakable(byte[] octets)
    {
        var piece = Encoding.UTF8.GetString(octets);
        var text = piece.TrimStart(' ');
        return text.Length > 0 && !text.Contains('\uFFFD', StringComparison.Ordinal)
            && (text.Any(c => c is '[' or ']' or '(' or ')' or '{' or '}' or '♪' or '♫' or '♩' or '♬' or '<' or '>' or '*' or '#' or '~' or '|' or '_' or '\\' or '^')
                || piece is " -" or " '" or "--" or " --");
    }

    private nint TakeState()
    {
        if (_states.TryTake(out var state)) return state;
        state = _library.NewState(_context);
        return state != 0 ? state : throw new ModelException($"The Whisper library {_library.Path} has no memory for another utterance.");
    }

    /// <summary>One utterance. One owner.</summary>
    internal sealed class Decoding(WhisperModel model, SpeechContext context) : ITokenDecoder
    {
        private readonly nint _state = model.TakeState();
        private float[] _scratch = [];
        private int _past;

        /// <summary>The model's own probability that nobody speaks, read where its language or first word would be; 0 to 1.</summary>
        public float NoSpeech { get; private set; }

        public void Hear(ReadOnlySpan<float> samples, int audioContext) => Require(model._library.Hear(model._context, _state, samples, audioContext), "hear");

        /// <summary>Puts a log-mel in place of the one that was heard.</summary>
        public void SetMel(ReadOnlySpan<float> mel) => Require(model._library.SetMel(model._context, _state, mel, model.File.MelBands), "take a spectrum");

        public void Encode() => Require(model._library.Encode(model._context, _state), "encode");

        public ScoredToken Next(int token) => token == model.BeginToken ? First() : Likeliest(Feed([token]));

        public void Dispose() => model._states.Add(_state);

        /// <summary>The prompt, the begin token, and what says the task.</summary>
        private ScoredToken First()
        {
            var atBegin = Feed([.. Prompt(), model.BeginToken]);
            NoSpeech = Probability(atBegin, model.NoSpeechToken);
            int[] task = model.File.IsMultilingual ? [Language(atBegin), model.TranscribeToken, model.NoTimestampsToken] : [model.NoTimestampsToken];
            return Likeliest(Feed(task));
        }

        // Half of the text context may be a prompt; what does not fit is left out at its end.
        private int[] Prompt()
        {
            if (context.Vocabulary.IsEmpty) return [];
            var tokens = model._library.Tokenize(model._context, " " + string.Join(", ", context.Vocabulary));
            return [model.PreviousToken, .. tokens.Take((model.File.TextContext / 2) - 1)];
        }

        private int Language(ReadOnlySpan<float> atBegin)
        {
            if (context.Language != "auto") return model._library.LanguageToken(model._context, context.Language.Length == 0 ? "en" : context.Language);
            var languages = atBegin.Slice(model.BeginToken + 1, model._library.Languages - (model._vocabulary > 51_865 ? 0 : 1));
            return model.BeginToken + 1 + TensorPrimitives.IndexOfMax(languages);
        }

        private ReadOnlySpan<float> Feed(ReadOnlySpan<int> tokens)
        {
            var logits = model._library.Decode(model._context, _state, tokens, _past, model._vocabulary);
            if (logits.IsEmpty) throw new ModelException($"The Whisper library {model._library.Path} could not decode.");
            _past += tokens.Length;
            return logits;
        }

        // Among words and the end: special tokens and times are never said.
        private ScoredToken Likeliest(ReadOnlySpan<float> logits)
        {
            var count = model.EndToken + 1;
            if (_scratch.Length < count) _scratch = new float[count];
            var allowed = _scratch.AsSpan(0, count);
            logits[..count].CopyTo(allowed);
            for (var i = 0; i < model._unspeakable.Length; i++)
                if (model._unspeakable[i]) allowed[i] = float.NegativeInfinity;

            var best = TensorPrimitives.IndexOfMax(allowed);
            TensorPrimitives.Subtract(allowed, allowed[best], allowed);
            TensorPrimitives.Exp(allowed, allowed);
            return new ScoredToken(best, 1f / TensorPrimitives.Sum<float>(allowed));
        }

        private static float Probability(ReadOnlySpan<float> logits, int token)
        {
            var weights = new float[logits.Length];
            TensorPrimitives.SoftMax(logits, weights);
            return weights[token];
        }

        private void Require(int code, string what)
        {
            if (code != 0) throw new ModelException($"The Whisper library {model._library.Path} could not {what} (code {code}).");
        }
    }
}
