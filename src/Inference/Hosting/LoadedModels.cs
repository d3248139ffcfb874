using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Inference.Vad;
using EdgeAssist.Inference.Whisper;

namespace EdgeAssist.Inference.Hosting;

/// <summary>The models of the process, loaded and tried once. What could not be loaded is named in <see cref="Problem"/>.</summary>
internal sealed class LoadedModels : IDisposable
{
    private LoadedModels(IVoiceActivityModel voice, ISpeechRecognizer? speech, ITextSentiment? text, IArousalModel arousal, string problem) =>
        (Voice, Speech, Text, Arousal, Problem) = (voice, speech, text, arousal, problem);

    public IVoiceActivityModel Voice { get; }

    public ISpeechRecognizer? Speech { get; }

    public ITextSentiment? Text { get; }

    public IArousalModel Arousal { get; }

    public string Problem { get; }

    /// <summary>Loads what there is. Takes up to a second of computing; never throws for a model that is missing or damaged.</summary>
    public static LoadedModels Load(ModelStore store, InferenceOptions options)
    {
        var problems = new List<string>();
        var voice = Try(() => SileroVad.Load(store, options.VoiceModel), problems);
        var speech = Try(() => LoadSpeech(store, options), problems);
        var arousal = Try(() => OnnxArousalModel.Load(store), problems);
        var text = Try(() => TextSentiments.Load(store, options.TextModel), problems);

        // Words are cut by the voice model: without it none are recognised.
        if (voice is null)
        {
            speech?.Dispose();
            speech = null;
        }

        WarmUp(voice, speech);

        // The files' octets were large arrays and are garbage now that the runtime has its own copies: some 70 MB given back.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new LoadedModels((IVoiceActivityModel?)voice ?? new LevelVoice(), speech, text, (IArousalModel?)arousal ?? new LevelArousal(), string.Join(' ', problems));
    }

    public void Dispose()
    {
        Voice.Dispose();
        Speech?.Dispose();
        (Text as IDisposable)?.Dispose();
        (Arousal as IDisposable)?.Dispose();
    }

    private static ISpeechRecognizer LoadSpeech(ModelStore store, InferenceOptions options)
    {
        if (store.Manifest.Find(options.SpeechModel).Engine != "whisper") return MoonshineRecognizer.Load(store, options.SpeechModel);

        var recognizer = WhisperRecognizer.Load(store, options.SpeechModel, WhisperLocator.Open(store, options.WhisperLibrary));
        if (options.Trunks.Select(trunk => trunk.Language).Append(options.Language).FirstOrDefault(language => !recognizer.Model.Speaks(language)) is not { } unknown) return recognizer;

        recognizer.Dispose();
        throw new ModelException($"The model \"{options.SpeechModel}\" does not know the language \"{unknown}\". Choose another in {InferenceOptions.Section}:SpeechModel or {InferenceOptions.Section}:Language");
    }

    private static T? Try<T>(Func<T> load, List<string> problems)
        where T : class
    {
        try
        {
            return load();
        }
        catch (ModelException e)
        {
            problems.Add(e.Message.EndsWith('.') ? e.Message : e.Message + " and start again.");
            return null;
        }
    }

    // The first run of a graph plans its memory: better now than in the first call.
    private static void WarmUp(SileroVad? voice, ISpeechRecognizer? speech)
    {
        using var leg = voice?.Begin();
        leg?.Next(new float[VadFrame.Samples]);
        speech?.Recognize(new float[16_000], SpeechContext.None, CancellationToken.None);
    }
}
