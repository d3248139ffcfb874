namespace EdgeAssist.Inference.Hosting;

/// <summary>Settings of recognition and scoring.</summary>
public sealed class InferenceOptions
{
    public const string Section = "Inference";

    /// <summary>The model store; empty: EDGEASSIST_MODELS, or the user's data folder.</summary>
    public string ModelDirectory { get; set; } = "";

    /// <summary>An operator's manifest file, whose models are added to the built-in ones; empty for none.</summary>
    public string Manifest { get; set; } = "";

    /// <summary>Recogniser, by its name in the manifest.</summary>
    public string SpeechModel { get; set; } = "moonshine-tiny-en";

    /// <summary>whisper.cpp's shared library, for Whisper models; empty: the one built or pulled into the store, or the system's.</summary>
    public string WhisperLibrary { get; set; } = "";

    /// <summary>Language of calls, ISO 639-1 or <c>auto</c>, for engines that know several.</summary>
    public string Language { get; set; } = "en";

    /// <summary>Words that are likelier in these calls than elsewhere: product names, places, people. At most 200.</summary>
    public IList<string> Vocabulary { get; } = [];

    /// <summary>
    /// Whether card, telephone, identity and account numbers, codes and e-mail addresses are taken out of transcripts before
    /// they leave recognition: partials, finals and words, and what scoring sees of them.
    /// </summary>
    public bool Redact { get; set; } = true;

    /// <summary>Whether spoken numbers, amounts, dates and times leave as figures: «twenty five dollars» as $25.</summary>
    public bool WriteNumbers { get; set; }

    /// <summary>What differs by trunk.</summary>
    public IList<TrunkSpeechOptions> Trunks { get; } = [];

    /// <summary>Voice activity detection, by its name in the manifest. Version 6 was the surer one over G.711 (see the README).</summary>
    public string VoiceModel { get; set; } = "silero-vad-v6";

    /// <summary>Text model, by its name in the manifest.</summary>
    public string TextModel { get; set; } = Sentiment.TextSentiments.Default;

    /// <summary>What may be scored. <see cref="Escalation.ScoringPolicy.Eu"/> unless set otherwise.</summary>
    public Escalation.ScoringPolicy Policy { get; set; }

    /// <summary>Looks at the agent's loudness and pitch too; refused under <see cref="Escalation.ScoringPolicy.Eu"/>.</summary>
    public bool ScoreAgentVoice { get; set; }

    /// <summary>A file of rules beside the model; empty for none.</summary>
    public string Rules { get; set; } = "";

    /// <summary>Recognitions at once, one thread each, 0 to 256; 0: one a core.</summary>
    public int Workers { get; set; }

    /// <summary>Finals that may wait for a worker before the oldest is shed, 1 to 10,000.</summary>
    public int QueueLimit { get; set; } = 256;

    /// <summary>New speech between two partials, 200 ms to 10 s.</summary>
    public TimeSpan PartialInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the agent's words come as partials too. Without them a machine takes about half as many calls again with the customer's.</summary>
    public bool AgentPartials { get; set; } = true;

    /// <summary>Probability from which a frame is speech, 0.05 to 0.95.</summary>
    public double SpeechOn { get; set; } = 0.5;

    /// <summary>Probability below which a frame is a pause, 0.01 to <see cref="SpeechOn"/>.</summary>
    public double SpeechOff { get; set; } = 0.35;

    /// <summary>Pause that ends an utterance, 96 ms to 2 s, in steps of 32 ms.</summary>
    public TimeSpan HangOver { get; set; } = TimeSpan.FromMilliseconds(320);

    /// <summary>Length from which the next short pause ends an utterance, 2 to 25 s.</summary>
    public TimeSpan SoftLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Length at which an utterance is cut, above <see cref="SoftLimit"/> and at most 30 s.</summary>
    public TimeSpan HardLimit { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>Level below which nothing is speech, −90 to −30 dB of full scale.</summary>
    public double EnergyFloorDb { get; set; } = -65;

    /// <summary>Age of the oldest waiting final from which partials stop.</summary>
    public TimeSpan NoPartialsAfter { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Age from which only the customer's words are recognised.</summary>
    public TimeSpan CustomerOnlyAfter { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Age from which no words are recognised.</summary>
    public TimeSpan VoiceOnlyAfter { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the queue must be short before one step is given back.</summary>
    public TimeSpan RecoverFor { get; set; } = TimeSpan.FromSeconds(5);
}
