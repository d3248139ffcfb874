using EdgeAssist.InferenceBench;

// Questions about recognition, answered on this machine. See Usage for the commands.
return args switch
{
    ["wer", .. var rest] => WerBench.Run(rest),
    ["words", .. var rest] => WordsBench.Run(rest),
    ["drafts", .. var rest] => DraftBench.Run(rest),
    ["peers", .. var rest] => PeerBench.Run(rest),
    ["vocabulary", .. var rest] => VocabularyBench.Run(rest),
    ["times", .. var rest] => TimesBench.Run(rest),
    ["memory", .. var rest] => MemoryBench.Run(rest),
    ["asr", .. var rest] => AsrBench.Run(rest),
    ["stages", .. var rest] => StagesBench.Run(rest),
    ["vad", .. var rest] => VadBench.Run(rest),
    ["convert", var modules, var folder] => ConvertBench.Run(modules, folder),
    ["guards", .. var rest] => GuardBench.Run(rest),
    ["load", _, ..] => LoadBench.Run(args[1..]),
    ["whisper", var model, .. var rest] => WhisperBench.Run(model, rest),
    ["call", .. var rest] => CallBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        wer [SET...] [--min S] [--every N] [--network]   word errors of asterisk-prompts, native-misc, speechocean762, fsdd-digits: as files, over G.711, and as calls with loss and jitter
        words [SET...] [--from S] [--to S] [--every N]   one-word answers with and without a lead-in
        drafts [SET...] [--min S] [--every N]  time and words of partials and finals with and without the draft of the partial before
        peers [SET...] [--every N]             word errors and processor time beside Debian's pocketsphinx
        vocabulary [SET...] [--every N]        the words of a vocabulary found, and invented, with and without it
        times [--joins N]                      error of word times, on joined recordings of one word each
        memory [--hours N] [--hold N]          memory over hours of talk and of hold on one leg
        asr [MODEL...]                         time per utterance of 1, 5 and 20 s, to the first token and in all; memory
        stages [SAMPLE]                        milliseconds of each stage, over the customer's leg of a sample call
        call FOLDER...                         a call's utterances and words; FOLDER holds one WAV a party, and call.json where the words are known
        guards [SECONDS] [--seed N]            words invented on silence, noise, tones and music, SECONDS of each kind
        load CALLS [--seconds N] [--workers N] [--finals-only] [--customer-partials]   delay of words and rungs with so many real-speech calls at once
        whisper MODEL.bin [LIBRARY]            time per utterance of a ggml model in whisper.cpp
        convert NODE_MODULES FOLDER            what the manifest's conversion steps make of the packages' files, with sizes and hashes
        vad [MODEL]                            what voice activity detection makes of the two-party call and the prompts
        """);
    return 2;
}
