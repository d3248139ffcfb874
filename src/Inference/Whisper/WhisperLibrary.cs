using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Whisper;

/// <summary>
/// whisper.cpp's C API, from any shared library that exports it: a build of its own, the system's, or a Node add-on. Version
/// and layout are checked before anything is called with them: a struct of another shape would be read as nonsense.
/// </summary>
internal sealed unsafe class WhisperLibrary : IDisposable
{
    /// <summary>What this program knows the structs of.</summary>
    public const string KnownVersions = "1.9.";

    private readonly nint _handle;
    private readonly delegate* unmanaged[Cdecl]<nint, nuint, WhisperContextParameters, nint> _fromBuffer;
    private readonly delegate* unmanaged[Cdecl]<nint, nint> _newState;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _free;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _freeState;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, WhisperFullParameters, float*, int, int> _full;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int, int, int> _encode;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, int*, int, int, int, int> _decode;
    private readonly delegate* unmanaged[Cdecl]<nint, float*> _logits;
    private readonly delegate* unmanaged[Cdecl]<nint, nint, float*, int, int, int> _setMel;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, int*, int, int> _tokenize;
    private readonly delegate* unmanaged[Cdecl]<nint, int, byte*> _tokenText;
    private readonly WhisperContextParameters _contextDefaults;
    private readonly WhisperFullParameters _defaults;

    /// <exception cref="ModelException">No library there, not whisper.cpp, or not one this program knows the shape of.</exception>
    public WhisperLibrary(string path)
    {
        Path = path;
        try
        {
            _handle = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new ModelException($"The Whisper library {path} cannot be loaded: {FirstLine(e.Message)}", e);
        }

        try
        {
            Version = Text(((delegate* unmanaged[Cdecl]<byte*>)Export("whisper_version"))());
            SystemInfo = Text(((delegate* unmanaged[Cdecl]<byte*>)Export("whisper_print_system_info"))());
            RequireVersion(path, Version);
            ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<int, byte*, nint, void>, nint, void>)Export("whisper_log_set"))(&Silent, 0);
            (_contextDefaults, _defaults) = (ContextDefaults(), FullDefaults());
            _fromBuffer = (delegate* unmanaged[Cdecl]<nint, nuint, WhisperContextParameters, nint>)Export("whisper_init_from_buffer_with_params_no_state");
            _newState = (delegate* unmanaged[Cdecl]<nint, nint>)Export("whisper_init_state");
            _free = (delegate* unmanaged[Cdecl]<nint, void>)Export("whisper_free");
            _freeState = (delegate* unmanaged[Cdecl]<nint, void>)Export("whisper_free_state");
            _full = (delegate* unmanaged[Cdecl]<nint, nint, WhisperFullParameters, float*, int, int>)Export("whisper_full_with_state");
            _encode = (delegate* unmanaged[Cdecl]<nint, nint, int, int, int>)Export("whisper_encode_with_state");
            _decode = (delegate* unmanaged[Cdecl]<nint, nint, int*, int, int, int, int>)Export("whisper_decode_with_state");
            _logits = (delegate* unmanaged[Cdecl]<nint, float*>)Export("whisper_get_logits_from_state");
            _setMel = (delegate* unmanaged[Cdecl]<nint, nint, float*, int, int, int>)Export("whisper_set_mel_with_state");
            _tokenize = (delegate* unmanaged[Cdecl]<nint, byte*, int*, int, int>)Export("whisper_tokenize");
            _tokenText = (delegate* unmanaged[Cdecl]<nint, int, byte*>)Export("whisper_token_to_str");
        }
        catch (ModelException)
        {
            NativeLibrary.Free(_handle);
            throw;
        }
    }

    public string Path { get; }

    /// <summary>As the library says it: <c>1.9.1</c>.</summary>
    public string Version { get; }

    /// <summary>What it was compiled for: <c>… AVX2 = 1 | AVX512 = 1 …</c>.</summary>
    public string SystemInfo { get; }

    /// <summary>True when it was compiled without the vector instructions this machine has: five to ten times slower.</summary>
    public bool IsBaseline => System.Runtime.Intrinsics.X86.Avx2.IsSupported && !SystemInfo.Contains("AVX2 = 1", StringComparison.Ordinal);

    /// <summary>A model without a state, from its file's octets, which it copies.</summary>
    /// <returns>The context, or 0 when the library refuses.</returns>
    public nint Open(ReadOnlySpan<byte> model)
    {
        var parameters = _contextDefaults;
        parameters.UseGpu = 0;
        fixed (byte* octets = model) return _fromBuffer((nint)octets, (nuint)model.Length, parameters);
    }

    public nint NewState(nint context) => _newState(context);

    public void Close(nint context) => _free(context);

    public void CloseState(nint state) => _freeState(state);

    /// <summary>A number the library keeps of a model: <c>n_vocab</c>, <c>token_eot</c>, …</summary>
    /// <exception cref="ModelException">The library has no such function.</exception>
    public int Ask(nint context, string what) => ((delegate* unmanaged[Cdecl]<nint, int>)Export("whisper_" + what))(context);

    /// <returns>The token of a language, by its ISO 639-1 code; −1 when the library does not know it.</returns>
    public int LanguageToken(nint context, string code)
    {
        fixed (byte* text = ZeroEnded(code))
        {
            var id = ((delegate* unmanaged[Cdecl]<byte*, int>)Export("whisper_lang_id"))(text);
            return id < 0 ? -1 : ((delegate* unmanaged[Cdecl]<nint, int, int>)Export("whisper_token_lang"))(context, id);
        }
    }

    public int Languages => ((delegate* unmanaged[Cdecl]<int>)Export("whisper_lang_max_id"))() + 1;

    public ReadOnlySpan<byte> TokenOctets(nint context, int token) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(_tokenText(context, token));

    /// <summary>The tokens of a text; what the vocabulary cannot spell is left out.</summary>
    public int[] Tokenize(nint context, string text)
    {
        var tokens = new int[text.Length + 1];
        fixed (byte* octets = ZeroEnded(text))
        fixed (int* into = tokens)
        {
            var count = _tokenize(context, octets, into, tokens.Length);
            return count < 0 ? [] : tokens[..count];
        }
    }

    /// <summary>
    /// Computes the log-mel of the samples in the state and sets how many encoder positions are looked at. The library has no
    /// function for the second alone: its main one does both and stops where its callback says so, before it encodes.
    /// </summary>
    /// <returns>0, or the library's error.</returns>
    public int Hear(nint context, nint state, ReadOnlySpan<float> samples, int audioContext)
    {
        var parameters = _defaults;
        (parameters.Threads, parameters.AudioContext, parameters.NoContext) = (1, audioContext, 1);
        parameters.EncoderBegin = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint, byte>)&Stop;
        fixed (float* heard = samples) return _full(context, state, parameters, heard, samples.Length);
    }

    /// <summary>Puts a log-mel in place of the state's own; [bands, frames] row-major.</summary>
    /// <returns>0, or the library's error.</returns>
    public int SetMel(nint context, nint state, ReadOnlySpan<float> mel, int bands)
    {
        fixed (float* values = mel) return _setMel(context, state, values, mel.Length / bands, bands);
    }

    /// <returns>0, or the library's error.</returns>
    public int Encode(nint context, nint state) => _encode(context, state, 0, 1);

    /// <summary>Feeds tokens behind the first <paramref name="past"/> ones of the state.</summary>
    /// <returns>The logits behind the last token, valid until the next call; empty when the library failed.</returns>
    public ReadOnlySpan<float> Decode(nint context, nint state, ReadOnlySpan<int> tokens, int past, int vocabulary)
    {
        fixed (int* fed = tokens)
            if (_decode(context, state, fed, tokens.Length, past, 1) != 0) return default;
        return new ReadOnlySpan<float>(_logits(state) + ((long)(tokens.Length - 1) * vocabulary), vocabulary);
    }

    public void Dispose() => NativeLibrary.Free(_handle);

    /// <exception cref="ModelException">Not a version whose structs this program knows.</exception>
    internal static void RequireVersion(string path, string version)
    {
        if (!version.StartsWith(KnownVersions, StringComparison.Ordinal))
            throw new ModelException($"The Whisper library {path} is version \"{version}\"; this program knows {KnownVersions}x and calls no other, because their structs differ. Run: edgeassist models build-whisper");
    }

    /// <exception cref="ModelException">The defaults are not where this program would put them.</exception>
    internal static void RequireLayout(string path, in WhisperFullParameters defaults, nuint allocated)
    {
        // malloc rounds up to 16 octets, keeps 8, and gives 16 more where the rest of a free chunk is too small to split off: a
        // struct of another size shows, unless the difference is within that.
        var expected = (nuint)Unsafe.SizeOf<WhisperFullParameters>();
        var fits = allocated >= expected && allocated < expected + 32
            && defaults is { Strategy: 0, Threads: > 0 and <= 64, MaxTextContext: 16384, AudioContext: 0, EntropyThreshold: 2.4f, NoSpeechThreshold: 0.6f, LogProbabilityThreshold: -1f, TemperatureIncrement: 0.2f, EncoderBegin: 0, GrammarPenalty: 100f, VadThreshold: 0.5f, VadSpeechPadMs: 30 };
        if (!fits)
            throw new ModelException($"The Whisper library {path} does not have the parameters this program knows ({expected} octets with whisper.cpp {KnownVersions}x's defaults) and is not called. Run: edgeassist models build-whisper");
    }

    private WhisperContextParameters ContextDefaults()
    {
        var made = ((delegate* unmanaged[Cdecl]<WhisperContextParameters*>)Export("whisper_context_default_params_by_ref"))();
        var copy = *made;
        ((delegate* unmanaged[Cdecl]<WhisperContextParameters*, void>)Export("whisper_free_context_params"))(made);
        return copy;
    }

    private WhisperFullParameters FullDefaults()
    {
        var made = ((delegate* unmanaged[Cdecl]<int, WhisperFullParameters*>)Export("whisper_full_default_params_by_ref"))(0);
        var (copy, allocated) = (*made, NativeHeap.UsableSize(made));
        ((delegate* unmanaged[Cdecl]<WhisperFullParameters*, void>)Export("whisper_free_params"))(made);
        RequireLayout(Path, copy, allocated);
        return copy;
    }

    private nint Export(string name) => NativeLibrary.TryGetExport(_handle, name, out var address)
        ? address
        : throw new ModelException($"{Path} is no whisper.cpp library this program can use: it has no function {name}.");

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static byte[] ZeroEnded(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text), 0];

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Stop(nint context, nint state, nint data) => 0;

    // It logs every load and every stop above; what fails comes back as a code and is said by the caller.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Silent(int level, byte* text, nint data)
    {
    }

    private static class NativeHeap
    {
        /// <summary>Octets a block of the C heap can hold: at least what was asked for.</summary>
        public static nuint UsableSize(void* block) => malloc_usable_size(block);

        [DllImport("libc", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern nuint malloc_usable_size(void* block);
    }
}
