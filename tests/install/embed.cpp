// A host in C++: the header as it is, handles in unique_ptr, errors as exceptions.
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <squeeze/squeeze.h>

struct Free {
    void operator()(sqz_case *loaded) const
    {
        sqz_case_free(loaded);
    }
    void operator()(sqz_answer *answer) const
    {
        sqz_answer_free(answer);
    }
    void operator()(char *text) const
    {
        sqz_string_free(text);
    }
};

static void check(int code, const sqz_failure &failure)
{
    std::string text(1200, '\0');
    if (code == SQZ_CODE_OK)
        return;
    sqz_failure_text(&failure, &text[0], text.size());
    throw std::runtime_error(text.c_str());
}

static std::unique_ptr<sqz_case, Free> load(const char *path,
                                            const std::vector<const char *> &settings)
{
    sqz_case_input input{};
    sqz_failure failure;
    sqz_case *loaded;
    input.size = sizeof input;
    input.path = path;
    input.settings = settings.data();
    input.n_settings = settings.size();
    check(sqz_case_load(&input, &loaded, &failure), failure);
    return std::unique_ptr<sqz_case, Free>(loaded);
}

static std::string answer(const sqz_case *loaded, uint64_t paths, uint64_t seed)
{
    sqz_batch_input input{};
    sqz_failure failure;
    sqz_answer *made;
    char *text;
    input.size = sizeof input;
    input.paths = paths;
    input.seed = seed;
    check(sqz_case_batch(loaded, &input, &made, &failure), failure);
    std::unique_ptr<sqz_answer, Free> owner(made);
    check(sqz_answer_json(made, &text, &failure), failure);
    return std::unique_ptr<char, Free>(text).get();
}

// SCENARIO PATHS SEED [SETTING...]
int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    try {
        auto loaded = load(argv[1], std::vector<const char *>(argv + 4, argv + argc));
        std::cout << answer(loaded.get(), std::stoull(argv[2]), std::stoull(argv[3]));
    } catch (const std::exception &error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
