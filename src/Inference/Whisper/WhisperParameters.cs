using System.Runtime.InteropServices;

namespace EdgeAssist.Inference.Whisper;

/// <summary><c>whisper_context_params</c> of whisper.cpp 1.9 (include/whisper.h): 48 octets on 64-bit machines.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WhisperContextParameters
{
    public byte UseGpu;
    public byte FlashAttention;
    public int GpuDevice;
    public byte DtwTokenTimestamps;
    public int DtwAheadsPreset;
    public int DtwTop;
    public nuint DtwHeads;
    public nint DtwHeadsList;
    public nuint DtwMemory;
}

/// <summary>
/// <c>whisper_full_params</c> of whisper.cpp 1.9 (include/whisper.h): 304 octets on 64-bit machines. C's <c>bool</c> is an octet
/// here. Taken from the library's defaults and handed back by value; <see cref="WhisperLibrary"/> checks that the fields lie
/// where it puts them.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WhisperFullParameters
{
    public int Strategy;
    public int Threads;
    public int MaxTextContext;
    public int OffsetMs;
    public int DurationMs;
    public byte Translate;
    public byte NoContext;
    public byte NoTimestamps;
    public byte SingleSegment;
    public byte PrintSpecial;
    public byte PrintProgress;
    public byte PrintRealtime;
    public byte PrintTimestamps;
    public byte TokenTimestamps;
    public float TimestampThreshold;
    public float TimestampSumThreshold;
    public int MaxLength;
    public byte SplitOnWord;
    public int MaxTokens;
    public byte DebugMode;
    public int AudioContext;
    public byte TdrzEnable;
    public nint SuppressRegex;
    public nint InitialPrompt;
    public byte CarryInitialPrompt;
    public nint PromptTokens;
    public int PromptTokenCount;
    public nint Language;
    public byte DetectLanguage;
    public byte SuppressBlank;
    public byte SuppressNonSpeech;
    public float Temperature;
    public float MaxInitialTimestamp;
    public float LengthPenalty;
    public float TemperatureIncrement;
    public float EntropyThreshold;
    public float LogProbabilityThreshold;
    public float NoSpeechThreshold;
    public int BestOf;
    public int BeamSize;
    public float Patience;
    public nint NewSegment;
    public nint NewSegmentData;
    public nint Progress;
    public nint ProgressData;
    public nint EncoderBegin;
    public nint EncoderBeginData;
    public nint Abort;
    public nint AbortData;
    public nint LogitsFilter;
    public nint LogitsFilterData;
    public nint GrammarRules;
    public nuint GrammarRuleCount;
    public nuint GrammarStart;
    public float GrammarPenalty;
    public byte Vad;
    public nint VadModelPath;
    public float VadThreshold;
    public int VadMinSpeechMs;
    public int VadMinSilenceMs;
    public float VadMaxSpeechSeconds;
    public int VadSpeechPadMs;
    public float VadOverlap;
}
